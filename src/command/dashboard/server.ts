/**
 * Serves the page of a running pool, and what it is told, on this machine alone. The only file here that listens.
 */
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { messageOf } from "../../worker/error-text.ts"
import { ask } from "../../operator/client.ts"
import type { FoundPool } from "../operate/pools.ts"
import { feed } from "./feed.ts"
import { decide, type PageFile } from "./gate.ts"
import type { FeedMessage } from "./message.ts"

/** The files of the page. */
export type PageFiles = { readonly [file in PageFile]: string }

export interface Dashboard {
  /** The link. Whoever has it can steer the pool. */
  readonly link: string
  close(): void
}

const types: { readonly [file in PageFile]: string } = {
  "page.html": "text/html",
  "page.js": "text/javascript",
  "style.css": "text/css",
}

const headers = {
  // The page has files of its own, and nothing else. No other page may hold or read it.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // The address is the key.
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
}

/**
 * @param findPool the pool as it is now: after an upgrade it is another process. Undefined if there is none.
 * @throws {Error} if the port cannot be used.
 */
export async function openDashboard(
  findPool: () => Promise<FoundPool | undefined>,
  port: number,
  files: PageFiles,
): Promise<Dashboard> {
  const token = randomBytes(16).toString("hex")
  let ownPort = port
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.on("error", () => undefined)
    // Nothing in a request counts.
    request.resume()
    answer(request, response).catch((error: unknown) => sendJson(response, 502, messageOf(error)))
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: target = "" } = request
    const asked = decide({ method, target, headers: request.headers }, ownPort, token)
    switch (asked.type) {
      case "denied":
        return sendJson(response, asked.status, asked.reason)
      case "file":
        response.setHeader("content-type", `${types[asked.file]}; charset=utf-8`)
        return void response.end(files[asked.file])
      case "feed":
        return sendFeed(response, await findPool())
      case "change": {
        const pool = await findPool()
        if (pool === undefined) return sendJson(response, 503, noPool)
        const { status, body } = await ask(pool.socketPath, "POST", asked.target)
        response.statusCode = status
        response.setHeader("content-type", "application/json")
        response.end(JSON.stringify(body))
      }
    }
  }

  server.listen(port, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (typeof address === "object" && address !== null) ownPort = address.port
  return {
    link: `http://127.0.0.1:${ownPort}/${token}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const noPool = "the pool has ended"

async function sendFeed(response: ServerResponse, pool: FoundPool | undefined): Promise<void> {
  if (pool === undefined) return sendJson(response, 503, noPool)
  const closing = new AbortController()
  const { signal } = closing
  response.on("close", () => closing.abort())
  response.setHeader("content-type", "application/x-ndjson")
  async function send(message: FeedMessage): Promise<void> {
    if (!response.write(`${JSON.stringify(message)}\n`)) await once(response, "drain", { signal })
  }
  try {
    await feed(pool, send, signal)
  } catch (error) {
    if (signal.aborted) return
    await send({ type: "failed", reason: messageOf(error) })
  }
  response.end()
}

function sendJson(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) return void response.destroy()
  response.statusCode = status
  response.setHeader("content-type", "application/json")
  response.end(`${JSON.stringify({ ok: false, reason })}\n`)
}
