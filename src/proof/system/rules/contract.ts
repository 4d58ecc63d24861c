/**
 * What the core is told of a process: the contract of a platform, which the proofs of the core rest on.
 */
import type { SystemRule } from "./system-rule.ts"

export const contract: readonly SystemRule[] = [
  {
    name: "contract",
    title:
      "the core is told of a hello once, of readiness once and after it, and of nothing after an exit",
    see(seen, { record: { reported } }) {
      if (seen.type !== "reported" || seen.fact === "worker-failed") return undefined
      const { fact } = seen
      if (reported === "exit") return `${fact} is reported of a process that has exited`
      switch (fact) {
        case "worker-said-hello":
          return reported === "nothing" ? undefined : "a second hello is reported"
        case "worker-became-ready":
          return reported === "hello" ? undefined : `it is reported ready, and was ${reported}`
        case "worker-sent-heartbeat":
        case "worker-measured":
          return reported === "ready" ? undefined : `${fact} is reported of one that is not ready`
        case "worker-served-requests":
        case "worker-asked-for-replacement":
        case "worker-asked-for-leadership":
          return reported === "nothing" ? `${fact} is reported before the hello` : undefined
        case "fork-failed":
          return reported === "nothing" ? undefined : "a fork has failed that said hello"
        case "worker-was-signaled":
        case "worker-exited":
          return undefined
      }
    },
  },
]
