/**
 * Keeps a process alive when its output is no longer read, as in `node server.js | head -1`.
 *
 * A write to a pipe without a reader fails with EPIPE, and a write to a closed terminal with EIO. An error event without a
 * listener would end the process. Only these errors are absorbed. Any other is thrown as if there were no listener.
 */

import { runtime } from "./runtime.ts"

/** A pipe without a reader, a stream that such an error or this process itself ended, a closed terminal. */
const absorbed: readonly string[] = [
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "EIO",
]

let isArmed = false

/** Absorbs these errors on stdout and stderr of this process from now on. */
export function surviveBrokenPipes(): void {
  if (isArmed) return
  isArmed = true
  guardOnceOpened("stdout")
  guardOnceOpened("stderr")
}

/** Writes a line to stderr. Never fails. */
export function writeError(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Resolves once what was written to stdout and stderr has left this process, or cannot. Nothing is written after it. */
export async function flushOutput(): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (runtime.reportsWritesEarly || stream.writableEnded) stream.end(() => resolve())
    else stream.write("", () => resolve())
  })
}

/** Guards a stream when it is first used. Opening one takes some ms, and many processes never write. */
function guardOnceOpened(name: "stdout" | "stderr"): void {
  const property = Object.getOwnPropertyDescriptor(process, name)
  const open = property?.get
  if (property === undefined || open === undefined) return guard(process[name])
  const get = (): NodeJS.WriteStream => {
    const stream = open.call(process) as NodeJS.WriteStream
    Object.defineProperty(process, name, property)
    guard(stream)
    return stream
  }
  Object.defineProperty(process, name, { ...property, get })
}

function guard(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (absorbed.includes(error.code ?? "")) return
    if (stream.listenerCount("error") === 1) throw error
  })
}
