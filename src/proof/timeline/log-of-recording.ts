/**
 * A recording as the log of its pool, to be drawn and checked.
 */
import { replay } from "../../core/recording/replay.ts"
import type { ReplayedStep } from "../../core/run.ts"
import type { LogEntry } from "../../platform/log-entry.ts"

/**
 * Turns a recording into a log, for `drawTimeline` and `drawTimelineSvg`. Times count from its first event. The log does not
 * contain what the workers did themselves.
 *
 * @param recording what `pool.recording()` returned.
 * @throws {TypeError} like `replay` of `kamisama/core`.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs"
 * import { drawTimeline, logOfRecording } from "kamisama/fake"
 *
 * console.log(drawTimeline(logOfRecording(readFileSync("incident.jsonl", "utf8"))))
 * ```
 */
export function logOfRecording(recording: string): LogEntry[] {
  const { plan, leftOut, before, steps } = replay(recording)
  const firstAt = steps[0]?.event.at ?? 0
  const log: LogEntry[] = [{ kind: "plan", at: 0, plan }]
  if (leftOut > 0) log.push({ kind: "middle", at: 0, state: before, stateAt: firstAt })
  for (const step of steps) {
    log.push(...entriesOf({ ...step, event: { ...step.event, at: step.event.at - firstAt } }))
  }
  return log
}

/** The entries of a log about one step. @internal */
export function entriesOf({ event, commands }: ReplayedStep): LogEntry[] {
  const { at } = event
  return [
    { kind: "event", event },
    ...commands.map((command): LogEntry => ({ kind: "command", at, command })),
  ]
}
