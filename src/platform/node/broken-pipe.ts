/**
 * Keeps a process alive when its output is no longer read, as in `node server.js | head -1`.
 *
 * A write to a pipe without a reader fails with EPIPE, and a write to a closed terminal with EIO. An error event without a
 * listener would end the process. Only these errors are absorbed. Any other is thrown as if there were no listener.
 */

/** A pipe without a reader, a stream that such an error or flushOutput() ended, a closed terminal. */
const absorbed: readonly string[] = [
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_WRITE_AFTER_END",
  "EIO",
]

/** Those of stdout and stderr that this process has used since. */
export const usedStreams: Set<NodeJS.WriteStream> = new Set()

let isArmed = false

/** Absorbs these errors on stdout and stderr of this process from now on. */
export function surviveBrokenPipes(): void {
  if (isArmed) return
  isArmed = true
  onceOpened("stdout", guard)
  onceOpened("stderr", guard)
}

/** Calls back with a stream when it is first used. Opening one takes some ms, and many processes never do. */
export function onceOpened<Name extends "stdin" | "stdout" | "stderr">(
  name: Name,
  callback: (stream: NodeJS.Process[Name]) => void,
): void {
  const property = Object.getOwnPropertyDescriptor(process, name)
  const open = property?.get
  if (property === undefined || open === undefined) return callback(process[name])
  const get = (): NodeJS.Process[Name] => {
    const stream = open.call(process) as NodeJS.Process[Name]
    Object.defineProperty(process, name, property)
    callback(stream)
    return stream
  }
  Object.defineProperty(process, name, { ...property, get })
}

function guard(stream: NodeJS.WriteStream): void {
  usedStreams.add(stream)
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (absorbed.includes(error.code ?? "")) return
    if (stream.listenerCount("error") === 1) throw error
  })
}
