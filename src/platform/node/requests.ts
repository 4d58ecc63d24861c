/**
 * Counts the requests that the servers of this process begin: each request of HTTP/1.1, each stream of HTTP/2, each upgrade.
 * Nothing is counted unless a plan limits it, or somebody looks.
 */
import { isRecord } from "../../core/plan/checks.ts"
import { isMeasuringRequests, measureHandler } from "./http-metrics.ts"

/** What a request is known by, so that one that the program emits again is counted once. */
type Request = object

const listeners = new Set<() => void>()
let known = new WeakSet<Request>()

/** From now on, calls back for each request that begins. @returns ends it. */
export function onRequest(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) known = new WeakSet()
  }
}

/** From now on, counts requests. Calls back once there were so many. */
export function countRequests(upTo: number, listener: () => void): void {
  let left = upTo
  const end = onRequest(() => {
    left -= 1
    if (left > 0) return
    end()
    listener()
  })
}

/** A request has begun. One of HTTP/2 is known by its stream, which is reported, too. */
export function requestBegan(request: Request & { readonly stream?: unknown }): void {
  if (listeners.size === 0) return
  const { stream } = request
  const begun = typeof stream === "object" && stream !== null ? stream : request
  if (known.has(begun)) return
  known.add(begun)
  for (const listener of listeners) listener()
}

/**
 * What is given to `Deno.serve()` or `Bun.serve()`, with its handlers counted: a handler, or options with handlers. The routes
 * of Bun that are not functions are answered without a word to this process, and not counted.
 */
export function withCountedRequests(given: unknown): unknown {
  if (listeners.size === 0 && !isMeasuringRequests()) return given
  if (typeof given === "function") return counted(given)
  if (!isRecord(given)) return given
  const { handler, fetch, routes } = given
  return {
    ...given,
    ...(typeof handler === "function" && { handler: counted(handler) }),
    ...(typeof fetch === "function" && { fetch: counted(fetch) }),
    ...(isRecord(routes) && { routes: mapped(routes, (route) => withCountedMethods(route)) }),
  }
}

/** A route has one handler, or one for each method. */
function withCountedMethods(route: unknown): unknown {
  if (typeof route === "function") return counted(route)
  const isPlain = isRecord(route) && Object.getPrototypeOf(route) === Object.prototype
  return isPlain ? mapped(route, (one) => (typeof one === "function" ? counted(one) : one)) : route
}

function mapped(
  record: { readonly [name: string]: unknown },
  change: (value: unknown) => unknown,
): { readonly [name: string]: unknown } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}

function counted(handler: Function): Function {
  const counting = function (this: unknown, ...given: unknown[]): unknown {
    requestBegan({})
    const result: unknown = handler.apply(this, given)
    const [request] = given
    measureHandler(isRecord(request) ? request["method"] : undefined, result)
    return result
  }
  // Deno gives a handler only what it takes.
  return Object.defineProperty(counting, "length", { value: handler.length })
}
