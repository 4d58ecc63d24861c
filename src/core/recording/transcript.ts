/**
 * A recording as text: a line for each event at its time, and below it a line for each command that it led to.
 */
import { describeCommand, describeFact, describeState, isRoutine } from "../describe.ts"
import type { Command } from "../command.ts"
import { replay } from "./replay.ts"

/** A line with its time. */
export function timestamped(at: number, text: string): string {
  return `${timeOf(at)}  ${text}`
}

/** A line about a command, to be put below the line about its event. */
export function commandLine(command: Command): string {
  return `${" ".repeat(12)}→ ${describeCommand(command)}`
}

/**
 * Turns a recording into text: a line for each event, and below it a line for each command that it led to, with its reason.
 * Times count from the first event. Wake-ups at which nothing was due are left out, and so are heartbeats.
 *
 * @param recording what `pool.recording()` returned.
 * @throws {TypeError} like `replay`.
 * @example
 * ```ts
 * import { readFileSync } from "node:fs"
 * import { describe } from "kamisama/core"
 *
 * console.log(describe(readFileSync("incident.jsonl", "utf8")))
 * ```
 */
export function describe(recording: string): string {
  const { leftOut, before, from, steps } = replay(recording)
  const firstAt = steps[0]?.event.at ?? 0
  const lines = [
    `${countOf(steps.length, "event")} from ${from} on`,
    leftOut === 0 ? "" : `, after ${countOf(leftOut, "other")} left out`,
    `\nbefore: ${describeState(before)}`,
  ]
  const events = steps.flatMap(({ event, commands }) => {
    if (isRoutine(event) && commands.length === 0) return []
    const at = Math.round(event.at - firstAt)
    return [timestamped(at, describeFact(event)), ...commands.map(commandLine)]
  })
  return [lines.join(""), ...events].map((line) => `${line}\n`).join("")
}

function countOf(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`
}

/** "1_500 ms", in a column. */
function timeOf(at: number): string {
  return `${grouped(Math.round(at * 1_000) / 1_000)} ms`.padStart(10)
}

function grouped(value: number): string {
  const [whole = "", fraction] = String(value).split(".")
  const thousands = whole.replace(/\B(?=(\d{3})+(?!\d))/g, "_")
  return fraction === undefined ? thousands : `${thousands}.${fraction}`
}
