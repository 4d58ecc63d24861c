/**
 * Serves the page of a running pool, and what it is told, on this machine alone. The only file here that listens.
 */
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { messageOf } from "../../worker/error-text.ts"
import { ask } from "../../operator/client.ts"
import { heirIn } from "../../operator/notice-text.ts"
import { choosePool, findPools, type FoundPool } from "../operate/pools.ts"
import { feed } from "./feed.ts"
import { decide, type PageFile } from "./gate.ts"
import { heirOf, type Shown } from "./heir.ts"
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

/** So many pages may be open. */
const mostFeeds = 12
/** How long a page may leave unread what it is told. */
const unreadMs = 10_000

/** @throws {Error} if the port cannot be used. */
export async function openDashboard(
  first: FoundPool,
  port: number,
  files: PageFiles,
): Promise<Dashboard> {
  let shown: Shown = { pool: first, answeredAt: Date.now(), heir: undefined }
  let feeds = 0
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
      case "feed": {
        if (feeds >= mostFeeds) {
          return sendJson(response, 429, `${mostFeeds} pages show this pool already: close some`)
        }
        feeds += 1
        response.on("close", () => (feeds -= 1))
        return sendFeed(response, await findPool())
      }
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

  /** The pool as it is now. Undefined if there is none. */
  async function findPool(): Promise<FoundPool | undefined> {
    const { pools, silent } = await findPools()
    const { pool } = shown
    const found = heirOf(shown, pools)
    // One that does not answer lives on.
    if (found === undefined && silent.includes(pool.socketPath)) return pool
    // Its socket may be where nobody looks for it.
    const current = found ?? (await choosePool(pool.socketPath).catch(() => undefined))
    if (current !== undefined) shown = { pool: current, answeredAt: Date.now(), heir: undefined }
    return current
  }

  async function sendFeed(response: ServerResponse, pool: FoundPool | undefined): Promise<void> {
    if (pool === undefined) return sendJson(response, 503, noPool)
    // It may have gone while the pool was looked for.
    if (response.destroyed) return
    const closing = new AbortController()
    const { signal } = closing
    response.on("close", () => closing.abort())
    response.setHeader("content-type", "application/x-ndjson")

    async function send(message: FeedMessage): Promise<void> {
      if (message.type === "status") shown = { ...shown, answeredAt: Date.now() }
      const heir = message.type === "notice" ? heirIn(message.notice) : undefined
      if (heir !== undefined) shown = { ...shown, heir }
      if (response.write(`${JSON.stringify(message)}\n`)) return
      const late = AbortSignal.any([signal, AbortSignal.timeout(unreadMs)])
      // Who does not read is dropped.
      await once(response, "drain", { signal: late }).catch(() => response.destroy())
    }

    try {
      await feed(pool, send, signal)
    } catch (error) {
      if (signal.aborted) return
      await send({ type: "failed", reason: messageOf(error) })
    }
    response.end()
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

function sendJson(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) return void response.destroy()
  response.statusCode = status
  response.setHeader("content-type", "application/json")
  response.end(`${JSON.stringify({ ok: false, reason })}\n`)
}
