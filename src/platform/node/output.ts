/**
 * Writes lines to stderr, and those of workers to stdout and stderr, and waits for output at the end of the process.
 *
 * A pipe whose reader has stopped must not stop the primary. Its lines are kept up to a limit, then dropped and counted.
 * All processes of the pool share the pipe, and the flag that makes a write to a full pipe fail instead of wait. A fork
 * clears it, and so does the exit of a worker. It is therefore set before each write. See docs/decisions/output.md.
 */
import { logLine, withPriorities } from "../../core/log-line.ts"
import { type LogFormat, reformatted } from "../log-format.ts"
import { now } from "./clock.ts"
import { usedStreams } from "./broken-pipe.ts"
import { mayReadEnvironment, runtime, writeAside } from "./runtime.ts"

/** How many bytes of lines are kept while the pipe is full. */
const mostBytes = 1_048_576

/** What a pipe that has room takes at once (PIPE_BUF). The system may write it when the flag is no longer set. */
const pieceBytes = 4_096

/** How long a thread has for its write when the process ends. */
const lastWordsMs = 50

/** A write of a thread that takes longer is held up by a full pipe. The event loop may be late in hearing of its end. */
const heldUpMs = 1_000

/** What waits to be written to one of the streams. */
interface Queue {
  readonly name: "stdout" | "stderr"
  readonly pieces: Uint8Array[]
  keptBytes: number
  isWriting: boolean
  /** When the last write of a thread began. */
  asideAt: number
  written: Promise<void> | undefined
}

const queues: { readonly [Name in Queue["name"]]: Queue } = {
  stdout: newQueue("stdout"),
  stderr: newQueue("stderr"),
}

function newQueue(name: Queue["name"]): Queue {
  return { name, pieces: [], keptBytes: 0, isWriting: false, asideAt: 0, written: undefined }
}

let dropped = 0
let format: LogFormat = "plain"
/** The streams that have met a full pipe, on a runtime that reports their writes as done. */
const delayed = new Set<NodeJS.WriteStream>()
let mayWait = true

/** Sets how lines of the log look from now on. */
export function setLogFormat(wanted: LogFormat): void {
  format = wanted
}

/** Sets whether a full pipe may hold up this process, and not only its lines. */
export function allowWaiting(isAllowed: boolean): void {
  mayWait = isAllowed
  if (writeAside !== undefined && !isAllowed) process.once("exit", finishAside)
}

/** Writes a line to stderr. Never fails. */
export function writeError(text: string): void {
  const lines = reformatted(format, Date.now(), text)
  const line = `${isJournal() ? withPriorities(lines) : lines}\n`
  if (mayWait) {
    process.stderr.write(line)
    return
  }
  const queue = queues.stderr
  if (queue.keptBytes > 0 && queue.keptBytes + line.length > mostBytes) {
    dropped += 1
    return
  }
  keepDropped(queue)
  keep(queue, line)
  if (!queue.isWriting) queue.written = writeKept(queue)
}

/**
 * Writes lines of workers, and drops none. Whoever gets a promise writes nothing more until it resolves.
 *
 * @param lines with the line break of the last one.
 */
export function writeLines(name: Queue["name"], lines: string): Promise<void> | undefined {
  const queue = queues[name]
  keep(queue, lines)
  if (!queue.isWriting) queue.written = writeKept(queue)
  return queue.isWriting ? queue.written : undefined
}

/** Writes a warning of kamisama to stderr. */
export function writeWarning(text: string): void {
  writeError(logLine("warn", text))
}

/** Resolves once what was written to stdout and stderr has left this process, or cannot. */
export async function flushOutput(): Promise<void> {
  await queues.stdout.written
  await queues.stderr.written
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

let journal: boolean | undefined

/** Whether stderr leads to the journal of systemd. Then it says so by the numbers of the file. */
function isJournal(): boolean {
  if (journal === undefined) {
    const { JOURNAL_STREAM: stream } = mayReadEnvironment() ? process.env : {}
    journal = stream !== undefined && stream === streamOf(2)
  }
  return journal
}

function streamOf(descriptor: number): string | undefined {
  try {
    const { dev, ino } = process.getBuiltinModule("node:fs").fstatSync(descriptor)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

function keep(queue: Queue, line: string): void {
  const bytes = Buffer.from(line)
  queue.keptBytes += bytes.length
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    queue.pieces.push(bytes.subarray(start, start + pieceBytes))
  }
}

function keepDropped(queue: Queue): void {
  if (dropped === 0 || queue.name !== "stderr") return
  const lines = dropped === 1 ? "1 line was" : `${dropped} lines were`
  dropped = 0
  const text = logLine("warn", `${lines} dropped, because stderr was not read`)
  keep(queue, `${reformatted(format, Date.now(), text)}\n`)
}

/** Writes at once what the pipe takes, and the rest when it has room. */
async function writeKept(queue: Queue): Promise<void> {
  queue.isWriting = true
  for (let piece = nextPiece(queue); piece !== undefined; piece = nextPiece(queue)) {
    const writing = write(queue, piece)
    const bytes = typeof writing === "number" ? writing : await writing
    queue.keptBytes -= bytes
    if (bytes < piece.length) queue.pieces.unshift(piece.subarray(bytes))
  }
  queue.isWriting = false
}

function nextPiece(queue: Queue): Uint8Array | undefined {
  const { pieces } = queue
  if (pieces.length === 0) keepDropped(queue)
  // A thread may wait.
  return writeAside === undefined || pieces.length === 0
    ? pieces.shift()
    : Buffer.concat(pieces.splice(0))
}

/** @returns how many bytes are done with: written, or lost in a pipe without a reader. */
function write(queue: Queue, piece: Uint8Array): number | Promise<number> {
  const { length } = piece
  if (writeAside !== undefined) {
    queue.asideAt = now()
    return writeAside(queue.name, piece).catch(() => length)
  }
  const stream = process[queue.name]
  unblock(stream)
  const isTaken = stream.write(piece)
  if (runtime.reportsWritesEarly) {
    return isTaken || stream.destroyed ? length : untilWritable(stream).then(() => length)
  }
  return stream.writableLength === 0 ? length : flushed(stream).then(() => length)
}

/** The process ends, so a thread can no longer be awaited. If it is not held up, it and the rest have a moment. */
function finishAside(): void {
  for (const queue of Object.values(queues)) {
    if (!queue.isWriting || now() - queue.asideAt > heldUpMs) continue
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastWordsMs)
    const rest = nextPiece(queue)
    if (rest !== undefined) process[queue.name].write(rest)
  }
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
