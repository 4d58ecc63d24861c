/**
 * What becomes of requests.
 */
import type { SystemRule } from "./system-rule.ts"

export const serving: readonly SystemRule[] = [
  {
    name: "closed door",
    title: "no request begins once a process has begun to close",
    see: (seen, { record }) =>
      seen.type === "accepted" && record.isClosing ? "a request begins" : undefined,
  },
  {
    name: "answers",
    title:
      "a process that ends in good order has answered every request, and turned back what was on its way",
    see(seen, { side, down }) {
      if (seen.type !== "died" || seen.by !== "exit") return undefined
      // One that has failed still turns back what was on its way.
      if (seen.exit.code === 0 && (side?.requests ?? 0) > 0) return "a request is dropped"
      const isUnderWay = down.some(({ type }) => type === "connection")
      return isUnderWay ? "a connection is dropped" : undefined
    },
  },
]
