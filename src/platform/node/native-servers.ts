/**
 * Knows and drains the servers that Deno and Bun have besides those of node:http, whether or not `run` returned them.
 *
 * One call stops accepting connections and answers open requests. On Bun, this is not the call that disposes of the server,
 * and it waits for WebSockets. On Deno, it closes them.
 */
import { isRecord } from "../../core/plan/checks.ts"
import { withCountedRequests } from "./requests.ts"
import { foundIn } from "./servers.ts"

/** What `Deno.serve()` or `Bun.serve()` returns. */
export type NativeServer = DenoServer | BunServer

interface DenoServer {
  readonly finished: unknown
  shutdown(): Promise<void>
}

interface BunServer {
  readonly pendingRequests: number
  stop(): Promise<void>
}

/** A WebSocket of Bun. */
interface BunSocket {
  close(code: number, reason: string): void
  terminate(): void
}

/** `Deno` or `Bun`. */
interface Runtime {
  serve(...given: unknown[]): unknown
}

const servers = new Set<NativeServer>()
const sockets = new Set<BunSocket>()

/** Watches all of these servers of this process from now on. */
export function watchNativeServers(): void {
  const { Deno: deno, Bun: bun }: { readonly Deno?: Runtime; readonly Bun?: Runtime } =
    globalThis as object
  const runtime = deno ?? bun
  if (runtime === undefined) return
  const serve = runtime.serve.bind(runtime)
  runtime.serve = (...given) => {
    // Bun's node:http serves by the same function.
    if (given.some((options) => isRecord(options) && "onNodeHTTPRequest" in options)) {
      return serve(...given)
    }
    const server = serve(...given.map(withWatchedSockets).map(withCountedRequests))
    if (isNativeServer(server)) servers.add(server)
    countReloaded(server)
    return server
  }
}

/** A server of Bun can get other handlers while it runs. They are counted, too. */
function countReloaded(server: unknown): void {
  if (!isRecord(server) || typeof server["reload"] !== "function") return
  const { reload } = server
  Object.assign(server, {
    reload: (options: unknown): unknown => reload.call(server, withCountedRequests(options)),
  })
}

/** Whether this process has such a server. */
export function hasNativeServers(): boolean {
  return servers.size > 0
}

/** Tells the clients of WebSockets to go. */
export function closeNativeSockets(): void {
  for (const socket of sockets) socket.close(1001, "")
}

/** Cuts the WebSockets. @returns how many there were. */
export function cutNativeSockets(): number {
  const { size } = sockets
  for (const socket of sockets) socket.terminate()
  sockets.clear()
  return size
}

/**
 * Stops accepting connections. Resolves once every request is answered.
 *
 * @param resource what `run` returned. A server in it may be older than the watch.
 */
export async function drainNativeServers(resource: unknown): Promise<void> {
  for (const server of foundIn(resource, isNativeServer)) servers.add(server)
  await Promise.all(
    [...servers].map((server) => (isDenoServer(server) ? server.shutdown() : server.stop())),
  )
}

export function isNativeServer(resource: unknown): resource is NativeServer {
  if (typeof resource !== "object" || resource === null) return false
  return isDenoServer(resource) || isBunServer(resource)
}

/** Options of `Bun.serve()` whose WebSockets are noted. */
function withWatchedSockets(options: unknown): unknown {
  if (!isRecord(options) || !isRecord(options["websocket"])) return options
  const { websocket } = options
  const { open, close }: { readonly open?: unknown; readonly close?: unknown } = websocket
  return {
    ...options,
    websocket: {
      ...websocket,
      open(socket: BunSocket): unknown {
        sockets.add(socket)
        return typeof open === "function" ? open.call(websocket, socket) : undefined
      },
      close(socket: BunSocket, ...given: unknown[]): unknown {
        sockets.delete(socket)
        return typeof close === "function" ? close.call(websocket, socket, ...given) : undefined
      },
    },
  }
}

function isDenoServer(resource: object): resource is DenoServer {
  return hasMethod(resource, "shutdown") && "finished" in resource && "addr" in resource
}

function isBunServer(resource: object): resource is BunServer {
  return hasMethod(resource, "stop") && "pendingRequests" in resource
}

function hasMethod(resource: object, name: string): boolean {
  return typeof (resource as { readonly [name: string]: unknown })[name] === "function"
}
