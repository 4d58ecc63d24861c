/**
 * Serves the operations over HTTP: on a socket of the file system, and what may be read by everybody also at a port. The only
 * file here that listens.
 *
 * Who may steer is up to the file system: only the user of the pool may open the socket, from its first moment on. Nothing
 * that arrives can end or hold up the pool: requests are small, connections few, and who does not read is dropped.
 */
import { existsSync, lstatSync, unlinkSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { dirname } from "node:path"
import { oneLine } from "../core/log-line.ts"
import { isRecord } from "../core/plan/checks.ts"
import { ask } from "./client.ts"
import { contentTypes, formatFor, writeMetrics } from "./write-metrics.ts"
import type { Address } from "../pool/options.ts"
import type { Answer, Follow } from "./operate.ts"
import { hasPipes } from "./folder.ts"
import { isPipe, longestPath } from "./place.ts"
import { type Operation, operationOf } from "./routes.ts"

/** Carries out what was asked. */
type CarryOut = (operation: Operation) => Promise<Answer>

/** A server that listens. */
export interface OpenServer {
  /** Its port; undefined for a socket of the file system. */
  readonly port: number | undefined
  /** Closes it, and removes its file. Answers that have begun still arrive. */
  close(): void
}

const mostConnections = 32
const mostRequestBytes = 64 * 1_024
/** How much of what follows a reader may leave unread. */
const mostUnreadBytes = 2 ** 20
/** So many connections may follow: the others are for those who steer. */
const mostFollowers = 24
/** So many requests of a connection may wait for their answers. */
const mostPipelined = 4
/** How long a request may take to arrive, and an answer to be read. */
const requestMs = 10_000
/** How often it is looked which connections take longer. */
const lookMs = 1_000
/** How long a socket may take to say whether somebody listens. */
const probeMs = 1_000

/**
 * Opens the socket, where everything can be asked.
 *
 * @throws {Error} if that is not possible; its message says why.
 */
export async function openControl(path: string, carryOut: CarryOut): Promise<OpenServer> {
  if (hasPipes) checkPipe(path)
  else await freePath(path)
  return listen(carryOut, undefined, (server) => {
    // The file is made in this very turn, so that it is never open to others.
    const before = process.umask(0o177)
    try {
      server.listen(path)
    } finally {
      process.umask(before)
    }
  })
}

/**
 * Listens at a port, where only these operations can be asked.
 *
 * @throws {Error} if that is not possible; its message says why.
 */
export function listenAt(
  { port, host }: Address,
  operations: readonly Operation["type"][],
  carryOut: CarryOut,
): Promise<OpenServer> {
  return listen(carryOut, operations, (server) => void server.listen(port, host))
}

async function listen(
  carryOut: CarryOut,
  operations: readonly Operation["type"][] | undefined,
  begin: (server: Server) => void,
): Promise<OpenServer> {
  const options = { connectionsCheckingInterval: lookMs }
  const waiting = new WeakMap<Socket, number>()
  let followers = 0
  const server = createServer(options, (request, response) => {
    const { socket } = request
    const count = (waiting.get(socket) ?? 0) + 1
    waiting.set(socket, count)
    // Each would be answered, and nobody may ever read that.
    if (count > mostPipelined) return void socket.destroy()
    response.on("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
    void answer(request, response, operations, async (operation) => {
      const isFollowing = "follow" in operation && operation.follow
      if (!isFollowing) return carryOut(operation)
      if (followers >= mostFollowers) return tooMany
      followers += 1
      response.on("close", () => (followers -= 1))
      return carryOut(operation)
    })
  })
  server.maxConnections = mostConnections
  server.headersTimeout = requestMs
  server.requestTimeout = requestMs
  server.on("connection", (socket) => socket.unref())
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.once("listening", resolve)
  })
  begin(server)
  await listening
  // From now on nothing that fails here concerns the pool.
  server.on("error", () => undefined)
  server.unref()
  const address = server.address()
  return {
    port: typeof address === "object" ? address?.port : undefined,
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}

const tooMany: Answer = {
  type: "json",
  status: 503,
  body: { ok: false, reason: `${mostFollowers} others follow it already` },
}

/** @throws {Error} if it is no pipe: Node would say that there is no permission. */
function checkPipe(path: string): void {
  if (isPipe(path)) return
  throw new Error(String.raw`on Windows it is a pipe, such as \\.\pipe\shop`)
}

/** Removes the socket of a pool that is gone. @throws {Error} if there can be none at this path. */
async function freePath(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path)
  if (bytes > longestPath) {
    throw new Error(`its path may have at most ${longestPath} bytes, and has ${bytes}`)
  }
  // Node would say that there is no permission.
  if (!existsSync(dirname(path))) throw new Error(`there is no folder ${oneLine(dirname(path))}`)
  let found
  try {
    found = lstatSync(path)
  } catch {
    return
  }
  if (!found.isSocket()) throw new Error("there is a file at its path that is no socket")
  const who = await listenerAt(path)
  if (who !== undefined) throw new Error(`${who} already listens there`)
  unlinkSync(path)
}

/** Who listens on a socket; undefined if nobody does. A pool says its process id. */
async function listenerAt(path: string): Promise<string | undefined> {
  try {
    const { body } = await ask(path, "GET", "/", probeMs)
    return isRecord(body) && "pid" in body ? `pid ${String(body["pid"])}` : "another process"
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException
    return ["ECONNREFUSED", "ENOENT"].includes(code) ? undefined : "another process"
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  operations: readonly Operation["type"][] | undefined,
  carryOut: CarryOut,
): Promise<void> {
  let bytes = 0
  // Nothing in it counts. It is read, so that the next request can follow.
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostRequestBytes) request.destroy()
  })
  request.on("error", () => undefined)
  response.on("error", () => undefined)
  const operation = operationOf(request.method ?? "", request.url ?? "")
  if (operation.type === "refusal") {
    const { status, reason, allow } = operation
    if (allow !== undefined) response.setHeader("allow", allow)
    return sendJson(response, status, { ok: false, reason })
  }
  if (operations?.includes(operation.type) === false) {
    return sendJson(response, 404, { ok: false, reason: "this is not served at this port" })
  }
  try {
    send(response, await carryOut(operation))
  } catch (error) {
    sendJson(response, 500, { ok: false, reason: String(error) })
  }
}

function send(response: ServerResponse, answer: Answer): void {
  switch (answer.type) {
    case "json":
      return sendJson(response, answer.status, answer.body)
    case "lines":
      response.setHeader("content-type", "application/x-ndjson")
      return answer.follow === undefined
        ? finish(response, answer.text)
        : followLines(response, answer.text, answer.follow)
    case "metrics": {
      const format = formatFor(response.req.headers.accept)
      response.setHeader("content-type", contentTypes[format])
      return finish(response, writeMetrics(answer.families, format))
    }
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status
  response.setHeader("content-type", "application/json")
  finish(response, `${JSON.stringify(body)}\n`)
}

/** Ends an answer. Who does not read it in time is dropped. */
function finish(response: ServerResponse, text: string): void {
  const drop = setTimeout(() => response.destroy(), requestMs)
  drop.unref()
  response.on("close", () => clearTimeout(drop))
  response.end(text)
}

function followLines(response: ServerResponse, text: string, follow: Follow): void {
  response.flushHeaders()
  response.write(text)
  // Who comes may take a while to read what there is.
  const most = response.writableLength + mostUnreadBytes
  const end = follow(
    (line) => {
      response.write(`${line}\n`)
      if (response.writableLength > most) response.destroy()
    },
    () => response.end(),
  )
  response.on("close", end)
}
