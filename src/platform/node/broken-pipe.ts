/**
 * Keeps a process alive whose output nobody reads any more, as in `node server.js | head -1`.
 *
 * A write to a pipe without a reader fails with EPIPE, and an error event that nobody listens to ends the process. Only
 * that is absorbed; any other error of the streams is thrown as if nobody listened.
 */

/** Opening the streams takes some ms, which a process that starts has better use for. */
const delayMs = 100

let isArmed = false

/** Absorbs EPIPE on stdout and stderr of this process, from a moment later on. */
export function surviveBrokenPipes(): void {
  if (isArmed) return
  isArmed = true
  setTimeout(() => {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error: NodeJS.ErrnoException) => {
        if (isBrokenPipe(error) || stream.listenerCount("error") > 1) return
        throw error
      })
    }
  }, delayMs).unref()
}

/** Writes to stderr, and never fails. */
export function writeError(text: string): void {
  const absorb = (): void => undefined
  process.stderr.once("error", absorb)
  process.stderr.write(`${text}\n`, () => process.stderr.removeListener("error", absorb))
}

function isBrokenPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED"
}
