/**
 * What a worker is told: to run once, at its hello; and to stop once, when it is due to stop, with the right cause and signal
 * (rule 2). One that boots cannot hear, and is killed. What the worker does then is judged in worker-actions.ts.
 */
import { type History, processOf } from "./history.ts"
import { named } from "./process-record.ts"
import type { Rule } from "./rule.ts"

export const askedOnce: Rule = {
  number: 2,
  title: "a worker is asked to stop once, when it is due to, and shuts down at most once",
  seeCommand: {
    "run-worker"({ worker }, _at, history) {
      const process = processOf(history, worker.incarnation)
      if (process === undefined) return undefined
      return process.toldToRunAt === null ? undefined : `${named(process)} was told to run twice`
    },
    "stop-worker"(command, _at, history) {
      const process = processOf(history, command.worker.incarnation)
      if (process === undefined) return undefined
      if (process.askedAt !== null) return `${named(process)} was asked to stop twice`
      const { stopsFor } = process
      if (stopsFor === null)
        return `${named(process)} was asked to stop although nothing called for it`
      const [given, due] = [command, stopsFor].map(({ cause, signal }) => `${cause} with ${signal}`)
      return given === due
        ? undefined
        : `${named(process)} was asked to stop for ${given}, and was to for ${due}`
    },
  },
  settled: unasked,
}

/** A process that could have been told to run, was to be asked to stop, or to be killed as it boots, and was not. */
function unasked({ phase, living }: History): string | undefined {
  if (phase === "done") return undefined
  for (const process of living) {
    const { dueToStopAt, helloAt, askedAt, killedAt, toldToRunAt, role } = process
    if (killedAt !== null) continue
    if (dueToStopAt !== null && askedAt === null) {
      const omitted = helloAt === null ? "killed" : "asked"
      return `${named(process)} was to stop at ${dueToStopAt} and was not ${omitted}`
    }
    if (role !== "spare" && helloAt !== null && dueToStopAt === null && toldToRunAt === null) {
      return `${named(process)} said hello at ${helloAt} and was not told to run`
    }
  }
  return undefined
}
