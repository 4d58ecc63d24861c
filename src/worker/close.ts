/**
 * Closes what `run` returned, on any runtime. A platform drains the servers first.
 *
 * A function that could be an app is not called. `close` gets no arguments, because its parameters are its own: a flag in one
 * library, the name of a signal in another. It gets a callback only where nothing else tells the end.
 */

/** Resolves when an object that emits events has had enough time to emit "close". Some never do. */
export type Patience = () => Promise<void>

/** Calls a function, disposes a disposable, calls `close`, and does so for each item of an array. Ignores anything else. */
export async function closeAnything(resource: unknown, patience: Patience): Promise<void> {
  if (Array.isArray(resource)) {
    return closeEach(resource, (item) => closeAnything(item, patience))
  }
  if (typeof resource === "function") {
    if (!isApp(resource)) await resource()
    return
  }
  if (typeof resource !== "object" || resource === null) return
  const {
    [Symbol.asyncDispose]: asyncDispose,
    [Symbol.dispose]: dispose,
    close,
  }: Closable = resource
  if (typeof asyncDispose === "function") await asyncDispose.call(resource)
  else if (typeof dispose === "function") dispose.call(resource)
  else if (typeof close === "function") await callClose(resource, close, patience)
}

/** Closes all of them at the same time. Rejects with the first error once all are closed. */
export async function closeEach(
  resources: readonly unknown[],
  close: (resource: unknown) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(resources.map(close))
  for (const result of results) if (result.status === "rejected") throw result.reason
}

/** The ways to close an object. */
interface Closable {
  readonly [Symbol.asyncDispose]?: unknown
  readonly [Symbol.dispose]?: unknown
  readonly close?: unknown
}

/** Whether a function handles requests: an app of express, or the callback of koa or connect. */
function isApp(given: Function): boolean {
  return given.length > 1 || "handle" in given || "listen" in given
}

/** Resolves once it is closed: by the promise that `close` returns, by the event "close", or by a callback. */
async function callClose(resource: object, close: Function, patience: Patience): Promise<void> {
  const isAsync = Object.prototype.toString.call(close) === "[object AsyncFunction]"
  if (isEmitter(resource)) {
    const closed = new Promise((resolve) => void resource.once("close", resolve))
    const result: unknown = close.call(resource)
    await (isThenable(result) ? result : Promise.race([closed, patience()]))
  } else if (isAsync || close.length !== 1) await close.call(resource)
  else await withCallback(resource, close)
}

function withCallback(resource: object, close: Function): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (error?: unknown): void => (error instanceof Error ? reject(error) : resolve())
    const result: unknown = close.call(resource, closed)
    if (isThenable(result)) result.then(() => resolve(), reject)
  })
}

interface Emitter {
  once(event: string, listener: (...given: unknown[]) => void): unknown
}

function isEmitter(value: object): value is Emitter {
  return "once" in value && typeof value.once === "function"
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  )
}
