/**
 * Names the processes of a pool in lists of processes such as that of `ps`: `kamisama: server.js [worker 2]`.
 *
 * On Node and Deno, the title overwrites the command line of the process, and has no more space than that. A title that does
 * not fit would be cut. It is then given without its first word, or not at all. Bun cannot change it.
 */
import { slotName } from "../../core/describe.ts"
import { runtime } from "./runtime.ts"

/** A title: of the user, none, or the default. */
export type Title = string | false | undefined

/** What a list of processes shows for a part of the pool; undefined for what it shows anyway. */
export function titleOf(title: Title, part: string): string | undefined {
  if (title === false) return undefined
  const name = title ?? nameOfScript()
  return `kamisama: ${name} [${part}]`
}

/** The title that this process was given last, as the runtime shows it. */
let latest: { readonly title: Title; readonly shown: string } | undefined

/** Gives this process its title. One that the program has chosen itself stays, unless the user gives one in the options. */
export function setTitle(title: Title, part: string): void {
  const full = titleOf(title, part)
  if (full === undefined || !runtime.setsTitle) return
  if (title === undefined && !isUntouched()) return
  const space = titleBytes()
  // A spare becomes a worker later, whose title is longer.
  const room = part === slotName(0) ? space - 4 : space
  const [fitting] = [full, full.replace("kamisama: ", "")].filter(
    (text) => Buffer.byteLength(text) < room,
  )
  if (fitting === undefined) return
  process.title = fitting
  latest = { title, shown: process.title }
}

/** Gives this process the title of another part of the pool, if it has one. */
export function changeTitle(part: string): void {
  if (latest !== undefined) setTitle(latest.title, part)
}

function nameOfScript(): string {
  const { basename } = process.getBuiltinModule("node:path")
  // A line of the list is one line.
  return basename(process.argv[1] ?? "").replaceAll(/\p{Cc}/gu, "?")
}

/** Whether the title is still ours, or the program that was started: not that of --title, a preload, or the script. */
function isUntouched(): boolean {
  if (process.title === latest?.shown) return true
  return process.title === process.argv0 || process.title === process.execPath
}

/** How many bytes a title may have, with a zero at its end. */
function titleBytes(): number {
  try {
    return process.getBuiltinModule("node:fs").readFileSync("/proc/self/cmdline").length
  } catch {
    // Not on this system, or not allowed. What does not fit is cut.
    return Infinity
  }
}
