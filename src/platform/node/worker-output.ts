/**
 * Passes on what workers write, line by line: with the number of the worker in front, or as JSON. No lines are mixed, and none is lost: if
 * the output of the primary is not read, its workers are not read either, and wait as they would without this.
 */
import type { ChildProcess } from "node:child_process"
import type { Readable } from "node:stream"
import { lineAsJson, type LineSource, prefixed, splitLines } from "../log-format.ts"
import { writeLines } from "./output.ts"

/** How lines of workers look; undefined if workers write by themselves. */
export type WorkerOutput = "prefix" | "json" | undefined

/** How long after the end of a process what it has started may still hold its output open. */
const heldOpenMs = 500

const open = new Set<Promise<void>>()

/** Passes on what a process writes from now on. @param slot its number at the moment. */
export function passOn(
  child: ChildProcess,
  form: Exclude<WorkerOutput, undefined>,
  slot: () => number,
): void {
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => setTimeout(resolve, heldOpenMs).unref())
  })
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name]
    if (stream === null) continue
    const source = (): LineSource => ({ worker: slot(), pid: child.pid ?? 0, stream: name })
    const ended = passOnStream(stream, name, (line) =>
      form === "json" ? lineAsJson(source(), Date.now(), line) : prefixed(source(), line),
    )
    const over = Promise.race([ended, exited]).finally(() => open.delete(over))
    open.add(over)
  }
}

/** Resolves once everything that ended workers had written was taken in. */
export async function untilPassedOn(): Promise<void> {
  await Promise.all(open)
}

function passOnStream(
  stream: Readable,
  name: "stdout" | "stderr",
  shown: (line: string) => string,
): Promise<void> {
  let rest = ""
  const write = (lines: readonly string[]): void => {
    if (lines.length === 0) return
    const held = writeLines(name, `${lines.map(shown).join("\n")}\n`)
    if (held === undefined) return
    stream.pause()
    void held.then(() => stream.resume())
  }
  stream.setEncoding("utf8")
  stream.on("data", (piece: string) => {
    const split = splitLines(rest, piece)
    rest = split.rest
    write(split.lines)
  })
  return new Promise((resolve) => {
    stream.once("close", () => {
      // A last line without a line break.
      if (rest !== "") write([rest])
      resolve()
    })
    stream.on("error", () => undefined)
  })
}
