/**
 * The rules about the whole: what scaling does, and the exit code (safety 10 and 13).
 */
import type { History } from "./history.ts"
import type { Rule } from "./rule.ts"

export const scalingIsIdempotent: Rule = {
  number: 13,
  title: "the target is what was asked for, and asking for it again changes nothing",
  begin() {
    let isRepeated = false
    let expected: number | undefined
    return {
      see(entry, history) {
        const { plan, target, stoppedAt, finished } = history
        if (entry.kind === "event") {
          const { event } = entry
          isRepeated = false
          expected = undefined
          if (event.type === "scale-requested") expected = event.target
          if (event.type === "signal-received") {
            const action = plan.signals[event.signal]
            if (action === "scale-up") expected = target + 1
            if (action === "scale-down") expected = Math.max(1, target - 1)
          }
          isRepeated =
            expected !== undefined &&
            (expected === target || stoppedAt !== undefined || finished !== undefined)
          return undefined
        }
        if (entry.kind !== "order") return undefined
        if (isRepeated) return `it led to ${entry.order.type}`
        if (entry.order.type !== "announce-scale") return undefined
        const { from, to } = entry.order
        return from !== target || to !== expected || to < 1
          ? `scaled from ${from} to ${to} where ${expected} was asked for and ${target} were wanted`
          : undefined
      },
    }
  },
}

export const exitCodeIsRight: Rule = {
  number: 10,
  title: "the exit code is what the facts make it",
  begin: () => ({
    see(entry, history) {
      if (entry.kind !== "order" || entry.order.type !== "finish") return undefined
      const { code, reason } = entry.order
      const allowed = exitCodes(history, reason.rule === "exits-unreported")
      return allowed.includes(code) ? undefined : `it was ${code} where ${allowed[0]} was due`
    },
  }),
}

/** The exit codes that the facts allow: one, except where only the core knows which worker was given up. */
function exitCodes(history: History, isUnreported: boolean): readonly (0 | 1)[] {
  const { plan, stoppedAt, gaveUp, startFailed } = history
  if (gaveUp || startFailed || isUnreported) return [1]
  const exits = [...history.processes.values()].flatMap((process) =>
    process.ended === undefined ? [] : [{ process, ...process.ended }],
  )
  if (stoppedAt === undefined) {
    // Every slot is finished. Under "on-failure" only code 0 is final; of a worker that was given up, no exit is.
    if (plan.respawn !== "never") return [0]
    const failures = exits.filter(
      ({ process, code }) => process.asked?.cause !== "scale-down" && code !== 0,
    )
    if (failures.some(({ process }) => process.mayBeGivenUp !== true)) return [1]
    return failures.length > 0 ? [0, 1] : [0]
  }
  if (!plan.waitForWorkers) return [0]
  const failed = exits.some(({ process, code, signal }) => {
    const byStopSignal =
      process.helloAt === undefined && signal !== null && plan.signals[signal] === "stop"
    return code !== 0 && !byStopSignal && !history.exitedBeforeStop.has(process.incarnation)
  })
  return [failed ? 1 : 0]
}
