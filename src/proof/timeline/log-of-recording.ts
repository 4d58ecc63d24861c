/**
 * A recording as the log that its driver would have shown: what is drawn and checked. Decides nothing.
 */
import { replay } from "../../core/recording/replay.ts"
import type { ReplayedStep } from "../../core/run.ts"
import type { LogEntry } from "../../platform/log-entry.ts"

/**
 * Makes a log of a recording, for `drawTimeline` and `drawTimelineSvg`. Times are counted from its first event. What the
 * workers did themselves is not in it.
 *
 * @param recording what `pool.recording()` has returned.
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
