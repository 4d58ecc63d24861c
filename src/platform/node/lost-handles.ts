/**
 * Gives a worker the server's handle that was lost on its way to it.
 *
 * Where a message and one that carries a handle arrive in one read, Deno gives the handle to the first, which drops it.
 * The second is not acknowledged then: the worker waits for its server for ever, and the primary keeps back whatever
 * it is to say to it. So the worker acknowledges by itself and names the server, and the primary sends the answer of
 * node:cluster once more, which may meet with the same, and is asked for again.
 */
import type { ChildProcess } from "node:child_process"

/** Sends again what the worker has lost: given the server's key. */
export type Resend = (key: string) => void

/** Keeps the answers that carry a server's handle to this worker, as long as it uses the server. */
export function keepHandles(child: ChildProcess): Resend {
  const answers = new Map<string, readonly unknown[]>()
  const send = child.send.bind(child) as (...given: readonly unknown[]) => boolean
  child.send = (...given: readonly unknown[]): boolean => {
    const [message, handle] = given
    const key = keyOf(message)
    if (key !== undefined && typeof handle === "object" && handle !== null) answers.set(key, given)
    return send(...given)
  }
  child.on("internalMessage", (message: unknown) => {
    const key = keyOf(message)
    if (key !== undefined && isRecord(message) && message["act"] === "close") answers.delete(key)
  })
  return (key) => {
    const answer = answers.get(key)
    if (answer !== undefined && child.connected) send(...answer)
  }
}

/** The key of the server whose handle this message should have carried; null where it was another's handle. */
export function lostHandle(message: unknown): { readonly key: string | undefined } | undefined {
  if (!isRecord(message) || message["cmd"] !== "NODE_HANDLE") return undefined
  return { key: keyOf(message["msg"]) }
}

/** Lets the primary go on: it waits for this before it sends anything else. */
export function acknowledgeHandle(): void {
  process.send?.({ cmd: "NODE_HANDLE_ACK" })
}

function keyOf(message: unknown): string | undefined {
  if (!isRecord(message) || message["cmd"] !== "NODE_CLUSTER") return undefined
  const { key } = message
  return typeof key === "string" ? key : undefined
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null
}
