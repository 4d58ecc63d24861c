/**
 * Drains the servers that Deno and Bun have besides those of node:http. One call stops accepting connections and answers
 * open requests. On Bun, this is not the call that disposes of the server.
 */

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

export function isNativeServer(resource: unknown): resource is NativeServer {
  if (typeof resource !== "object" || resource === null) return false
  return isDenoServer(resource) || isBunServer(resource)
}

/** Stops accepting connections. Resolves once every request is answered. */
export async function drainNativeServer(server: NativeServer): Promise<void> {
  await (isDenoServer(server) ? server.shutdown() : server.stop())
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
