/**
 * Keeps a process alive whose output nobody reads any more, as in `node server.js | head -1`.
 *
 * A write to a pipe without a reader fails with EPIPE, one to a closed terminal with EIO, and an error event that nobody
 * listens to ends the process. Only those are absorbed; any other error is thrown as if nobody listened.
 */

/** A pipe without a reader, a stream that such an error has ended, a terminal that was closed. */
const absorbed: readonly string[] = ["EPIPE", "ERR_STREAM_DESTROYED", "EIO"]

let isArmed = false

/** Absorbs EPIPE on stdout and stderr of this process from now on. */
export function surviveBrokenPipes(): void {
  if (isArmed) return
  isArmed = true
  guardOnceOpened("stdout")
  guardOnceOpened("stderr")
}

/** Writes to stderr, and never fails. */
export function writeError(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Opening a stream takes some ms, and many a process never writes: so it is guarded when it is first asked for. */
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
