/**
 * When `run` and `shutdown` are called.
 */
import type { SystemRule } from "./system-rule.ts"

export const calling: readonly SystemRule[] = [
  {
    name: "run once",
    title: "a process calls run at most once, and never after it was told to stop",
    see(seen, { record }) {
      if (seen.type !== "called-run") return undefined
      if (record.runCalls > 0) return "run is called again"
      if (record.toldToStop !== null) return "run is called after the process was told to stop"
      return undefined
    },
  },
  {
    name: "shutdown once",
    title: "a process calls shutdown at most once, after run, and only if it was told to stop",
    see(seen, { record }) {
      if (seen.type !== "called-shutdown") return undefined
      if (record.shutdownCalls > 0) return "shutdown is called again"
      if (record.toldToStop === null) return "shutdown is called, and nothing has asked for it"
      if (record.runCalls === 0) return "shutdown is called before run"
      if (record.toldToStop === "discard") return "shutdown is called in a spare"
      return undefined
    },
  },
  {
    name: "shutdown at all",
    title:
      "a process that ran and was told to stop does not end by itself before it has called shutdown",
    see(seen, { record }, { bounds }) {
      if (seen.type !== "exits" || !bounds.program.hasShutdown) return undefined
      const { runCalls, shutdownCalls, toldToStop, hasFailed } = record
      const isDue = runCalls > 0 && toldToStop !== null && toldToStop !== "discard" && !hasFailed
      return isDue && shutdownCalls === 0 ? "the process exits without shutdown" : undefined
    },
  },
  {
    name: "order to stop",
    title: "an order to stop reaches its process, unless that hangs",
    seePassing({ record, os, isBlocked, pending }) {
      const isLost =
        record.askedAt !== null &&
        record.toldToStop === null &&
        os === "running" &&
        !isBlocked &&
        pending.length === 0
      return isLost && !record.wasSignaledAlone ? "a process was not told to stop" : undefined
    },
  },
]
