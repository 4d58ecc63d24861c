/**
 * Who may see and steer a pool in a browser: whoever has the link, on this machine, and no other page. Pure.
 *
 * Every page that is open in a browser can send requests to a port of this machine. So the address has a token, which no other page
 * knows; the name of the host must be one of this machine, which other names that lead here are not (DNS rebinding); and what a
 * browser says to come from another page is refused, token or not.
 */
import { timingSafeEqual } from "node:crypto"
import { type Operation, operationOf } from "../../operator/routes.ts"

/** A request of a browser. */
export interface Asked {
  readonly method: string
  /** The path with the parameters, as it stands in the request. */
  readonly target: string
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
}

/** What the browser may have. */
export type Granted =
  | { readonly type: "file"; readonly file: PageFile }
  | { readonly type: "feed" }
  /** A request to the pool that changes something. */
  | { readonly type: "change"; readonly target: string }

export type PageFile = "page.html" | "page.js" | "style.css"

export interface Denied {
  readonly type: "denied"
  /** The status code of HTTP. */
  readonly status: 400 | 403 | 404 | 405
  readonly reason: string
}

/** What can be changed from there. Who wants to stop the pool has a terminal. */
const changes: readonly Operation["type"][] = ["reload", "scale", "recycle"]

const files: { readonly [path: string]: PageFile } = {
  "/": "page.html",
  "/page.js": "page.js",
  "/style.css": "style.css",
}

/** What a browser gets. @param port where the dashboard listens. @param token what the address must begin with. */
export function decide(asked: Asked, port: number, token: string): Granted | Denied {
  const { method, target, headers } = asked
  const host = String(headers["host"])
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`)
  if (!hosts.includes(host)) return denied(403, "this host has another name")
  const [, given = "", path = ""] = /^\/([^/?]*)(.*)$/s.exec(target) ?? []
  if (!isSame(given, token)) {
    return denied(
      403,
      "the address has no valid token: open the link that kamisama dashboard prints",
    )
  }
  if (path === "") return denied(404, "the address ends with a slash")
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  // Whoever has the link may follow it from anywhere.
  const isOpening = headers["sec-fetch-mode"] === "navigate" && file === "page.html"
  if (!isOpening && isFromElsewhere(headers, host)) {
    return denied(403, "this comes from another page")
  }
  if (file !== undefined || path === "/feed") {
    if (method !== "GET") return denied(405, "this path takes GET")
    return file === undefined ? { type: "feed" } : { type: "file", file }
  }
  if (method !== "POST") return denied(404, "there is nothing at this path")
  const operation = operationOf(method, path)
  if (operation.type === "refusal") return denied(operation.status, operation.reason)
  return changes.includes(operation.type)
    ? { type: "change", target: path }
    : denied(404, "this cannot be done from here")
}

/** Whether a browser says that another page has sent it. Programs that are no browsers say nothing. */
function isFromElsewhere(headers: Asked["headers"], host: string): boolean {
  const { origin, "sec-fetch-site": site } = headers
  if (origin !== undefined && origin !== `http://${host}`) return true
  return site !== undefined && site !== "same-origin" && site !== "none"
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function denied(status: Denied["status"], reason: string): Denied {
  return { type: "denied", status, reason }
}
