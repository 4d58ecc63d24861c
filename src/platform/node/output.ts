/**
 * Writes lines to stderr, and waits for output at the end of the process.
 *
 * A pipe whose reader has stopped must not stop the primary. Its lines are kept up to a limit, then dropped and counted.
 * All processes of the pool share the pipe, and the flag that makes a write to a full pipe fail instead of wait. A fork
 * clears it, and so does the exit of a worker. It is therefore set before each write. See docs/decisions/output.md.
 */
import { logLine } from "../../core/log-line.ts"
import { now } from "./clock.ts"
import { usedStreams } from "./broken-pipe.ts"
import { runtime, writeAside } from "./runtime.ts"

/** How many bytes of lines are kept while the pipe is full. */
const mostBytes = 1_048_576

/** What a pipe that has room takes at once (PIPE_BUF). The system may write it when the flag is no longer set. */
const pieceBytes = 4_096

/** How long a thread has for its write when the process ends. */
const lastWordsMs = 50

/** A write of a thread that takes longer is held up by a full pipe. The event loop may be late in hearing of its end. */
const heldUpMs = 1_000

const pieces: Uint8Array[] = []
let keptBytes = 0
let dropped = 0
/** The streams that have met a full pipe, on a runtime that reports their writes as done. */
const delayed = new Set<NodeJS.WriteStream>()
let mayWait = true
let isWriting = false
/** When the last write of a thread began. */
let asideAt = 0
let written: Promise<void> | undefined

/** Sets whether a full pipe may hold up this process, and not only its lines. */
export function allowWaiting(isAllowed: boolean): void {
  mayWait = isAllowed
  if (writeAside !== undefined && !isAllowed) process.once("exit", finishAside)
}

/** Writes a line to stderr. Never fails. */
export function writeError(text: string): void {
  const line = `${text}\n`
  if (mayWait) {
    process.stderr.write(line)
    return
  }
  if (keptBytes > 0 && keptBytes + line.length > mostBytes) {
    dropped += 1
    return
  }
  keepDropped()
  keep(line)
  if (!isWriting) written = writeKept()
}

/** Writes a warning of kamisama to stderr. */
export function writeWarning(text: string): void {
  writeError(logLine("warn", text))
}

/** Resolves once what was written to stdout and stderr has left this process, or cannot. */
export async function flushOutput(): Promise<void> {
  await written
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
}

/** Sets the flag again, for what the user's code writes in this process. */
export function unblockOutput(): void {
  for (const stream of usedStreams) unblock(stream)
}

/** From now on, notes which of stdout and stderr meets a full pipe, on a runtime that does not say so later. */
export function followWrites(): void {
  if (!runtime.reportsWritesEarly) return
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...given: readonly unknown[]) => boolean
    stream.write = (...given: readonly unknown[]): boolean => {
      const isDone = write(...given)
      if (!isDone) delayed.add(stream)
      return isDone
    }
  }
}

function keep(line: string): void {
  const bytes = Buffer.from(line)
  keptBytes += bytes.length
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    pieces.push(bytes.subarray(start, start + pieceBytes))
  }
}

function keepDropped(): void {
  if (dropped === 0) return
  const lines = dropped === 1 ? "1 line was" : `${dropped} lines were`
  dropped = 0
  keep(`${logLine("warn", `${lines} dropped, because stderr was not read`)}\n`)
}

/** Writes at once what the pipe takes, and the rest when it has room. */
async function writeKept(): Promise<void> {
  isWriting = true
  for (let piece = nextPiece(); piece !== undefined; piece = nextPiece()) {
    const writing = write(piece)
    const bytes = typeof writing === "number" ? writing : await writing
    keptBytes -= bytes
    if (bytes < piece.length) pieces.unshift(piece.subarray(bytes))
  }
  isWriting = false
}

function nextPiece(): Uint8Array | undefined {
  if (pieces.length === 0) keepDropped()
  // A thread may wait.
  return writeAside === undefined || pieces.length === 0
    ? pieces.shift()
    : Buffer.concat(pieces.splice(0))
}

/** @returns how many bytes are done with: written, or lost in a pipe without a reader. */
function write(piece: Uint8Array): number | Promise<number> {
  const { length } = piece
  if (writeAside !== undefined) {
    asideAt = now()
    return writeAside(piece).catch(() => length)
  }
  const { stderr } = process
  unblock(stderr)
  const isTaken = stderr.write(piece)
  if (runtime.reportsWritesEarly) {
    return isTaken || stderr.destroyed ? length : untilWritable(stderr).then(() => length)
  }
  return stderr.writableLength === 0 ? length : flushed(stderr).then(() => length)
}

/** The process ends, so a thread can no longer be awaited. If it is not held up, it and the rest have a moment. */
function finishAside(): void {
  if (!isWriting || now() - asideAt > heldUpMs) return
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastWordsMs)
  const rest = nextPiece()
  if (rest !== undefined) process.stderr.write(rest)
}

function untilWritable(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("error", done).off("close", done)
      resolve()
    }
    stream.on("drain", done).on("error", done).on("close", done)
  })
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve()
    if (delayed.has(stream) || stream.writableEnded) stream.end(done)
    else if (stream.writableLength === 0) done()
    // The user may have put another function in the place of this one, which need not call back.
    else prototypeOf(stream).write.call(stream, "", "utf8", done)
  })
}

function prototypeOf(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return Object.getPrototypeOf(stream) as NodeJS.WriteStream
}

/** Node has no public way to do this. On Windows, the flag is of each process. */
function unblock(stream: NodeJS.WriteStream): void {
  if (process.platform === "win32") return
  const { _handle: handle } = stream as { readonly _handle?: Partial<Handle> | null }
  handle?.setBlocking?.(false)
}

interface Handle {
  setBlocking(isBlocking: boolean): void
}
