/**
 * Speaks with a pool: by its control socket, or at a port that it has for operators.
 */
import { type IncomingMessage, request } from "node:http"
import { describeMs } from "../core/describe.ts"

/** What a pool answered. */
export interface Answered {
  readonly status: number
  /** Read as JSON, or as it is if it is no object of JSON. */
  readonly body: unknown
}

/** A pool has not answered. The message says so in words, after its name. */
export class Unanswered extends Error {
  /** The code of the system; undefined if there is none. */
  readonly code: string | undefined

  constructor(message: string, cause?: NodeJS.ErrnoException) {
    super(message, { cause })
    this.code = cause?.code
  }
}

/** Where a pool answers: the path of its control socket, or a port of this machine. */
export type Place = string | { readonly port: number }

/** How long a pool may take to answer what it can answer at once. */
const answerMs = 5_000

/** How much of an answer is read at a port, in bytes: a probe answers with a line, and anybody may answer instead. */
const mostBytesAtPort = 65_536

/**
 * Sends a request, and waits for its outcome.
 *
 * @param withinMs how long nothing may be heard, and at a port how long all of it may take; undefined if there is no limit.
 * @throws {Unanswered} if nobody listens, the connection ends first, or the answer is too late or too long.
 */
export async function ask(
  place: Place,
  method: "GET" | "POST",
  target: string,
  withinMs: number | undefined = method === "GET" ? answerMs : undefined,
): Promise<Answered> {
  const isPort = typeof place !== "string"
  const deadline = isPort && withinMs !== undefined ? AbortSignal.timeout(withinMs) : undefined
  const mostBytes = isPort ? mostBytesAtPort : Infinity
  try {
    const response = await send(place, method, target, withinMs, deadline)
    const text = await textOf(response, mostBytes)
    // A body without a length ends with its connection, also if that is cut off here.
    deadline?.throwIfAborted()
    const isJson = response.headers["content-type"] === "application/json"
    return { status: response.statusCode ?? 0, body: isJson ? read(text) : text }
  } catch (error) {
    throw deadline?.aborted === true ? late(withinMs) : unanswered(error as NodeJS.ErrnoException)
  }
}

/** @throws {Unanswered} if it is longer than it may be. */
async function textOf(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // The end of the loop also ends the connection.
    if (bytes > mostBytes)
      throw new Unanswered(`the answer is longer than ${mostBytes / 1_024} KiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** JSON as what it says. At a port, anybody may answer: what is no JSON stays text. */
function read(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * The lines that a pool sends, until it ends or the reader does.
 *
 * @param signal ends it.
 * @throws {Unanswered} if nobody listens, the pool refuses, or the signal is aborted.
 */
export async function* linesFrom(
  socketPath: string,
  target: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const response = await send(socketPath, "GET", target, undefined, signal)
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Unanswered(`the pool answers with the status ${response.statusCode}`)
  }
  let rest = ""
  try {
    for await (const chunk of response.setEncoding("utf8")) {
      const lines = (rest + String(chunk)).split("\n")
      rest = lines.pop() ?? ""
      yield* lines
    }
  } catch (error) {
    // The pool was killed.
    if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error
  }
}

function send(
  place: Place,
  method: string,
  path: string,
  withinMs: number | undefined,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const to = typeof place === "string" ? { socketPath: place } : { host: "127.0.0.1", ...place }
    const options = { ...to, method, path, agent: false, ...(signal && { signal }) }
    const sent = request(options, resolve)
    sent.on("error", (error) => reject(unanswered(error)))
    if (withinMs !== undefined) {
      sent.setTimeout(withinMs, () => sent.destroy(late(withinMs)))
    }
    sent.end()
  })
}

function late(withinMs = answerMs): Unanswered {
  return new Unanswered(`the pool does not answer within ${describeMs(withinMs)}`)
}

/** What somebody who has asked is told. */
function unanswered(error: NodeJS.ErrnoException): Unanswered {
  if (error instanceof Unanswered) return error
  const hasEnded = ["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE"].includes(error.code ?? "")
  const why = hasEnded ? "the pool has ended before it answered" : error.message
  return new Unanswered(why, error)
}
