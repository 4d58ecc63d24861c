/**
 * Closes whatever can be closed, on any runtime. A platform adds what its servers need.
 */
import { firstLine } from "../core/log-line.ts"
import { errorText } from "./error-text.ts"

/** Calls a function, disposes a disposable, calls `close`, and does so for each item of an array. Ignores anything else. */
export async function closeAnything(resource: unknown): Promise<void> {
  if (Array.isArray(resource)) return closeEach(resource, closeAnything)
  if (typeof resource === "function") return callReturned(resource)
  if (typeof resource !== "object" || resource === null) return
  const {
    [Symbol.asyncDispose]: asyncDispose,
    [Symbol.dispose]: dispose,
    close,
  }: Closable = resource
  if (typeof asyncDispose === "function") await asyncDispose.call(resource)
  else if (typeof dispose === "function") dispose.call(resource)
  else if (typeof close === "function") await callClose(resource, close)
}

/** An app is a function in many frameworks. It fails if it is called without a request. */
async function callReturned(returned: Function): Promise<void> {
  try {
    await returned()
  } catch (error) {
    if (returned.length === 0) throw error
    const [first = "", ...others] = errorText(error).split("\n")
    const stack = [`${first} (${appHint})`, ...others].join("\n")
    throw Object.assign(new Error(firstLine(stack), { cause: error }), { stack })
  }
}

const appHint = "run returned a function, so it was called; return app.listen(), not app"

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

/** A `close` may return a promise, take a callback as its only parameter, or be done when it returns. */
function callClose(resource: object, close: Function): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (error?: unknown): void => (error instanceof Error ? reject(error) : resolve())
    const result: unknown = close.call(resource, closed)
    if (isThenable(result)) result.then(() => resolve(), reject)
    else if (close.length !== 1) resolve()
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  )
}
