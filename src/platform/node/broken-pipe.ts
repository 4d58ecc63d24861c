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
  guardOnceOpened("stdout")
  guardOnceOpened("stderr")
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
  usedStreams.add(stream)
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (absorbed.includes(error.code ?? "")) return
    if (stream.listenerCount("error") === 1) throw error
  })
}
