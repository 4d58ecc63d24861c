/**
 * Gives a worker the server's handle that was lost on its way to it.
 *
 * Where a message and one that carries a handle arrive in one read, Deno gives the handle to the first, which drops it.
 * The second is not acknowledged then: the receiver waits for its handle for ever, and the sender keeps back whatever it
 * is to say. So the receiver acknowledges by itself. A worker also names the server, and the primary sends the answer of
 * node:cluster once more, which may meet with the same, and is asked for again. What was dropped is still open, and
 * would keep the port when the server is closed: the worker closes it.
 */
import type { ChildProcess } from "node:child_process"
import { isRecord } from "../../core/plan/checks.ts"
import { nativeCode } from "./runtime.ts"

/** Sends again what the worker has lost: given the server's key. */
export type Resend = (key: string) => void

/** Keeps the answers that carry a server's handle to this worker, as long as it uses the server. */
export function keepHandles(child: ChildProcess): Resend {
  const answers = new Map<string, readonly unknown[]>()
  const send = child.send.bind(child) as (...given: readonly unknown[]) => boolean
  child.send = (...given: readonly unknown[]): boolean => {
    const [message, handle] = given
    const key = keyOf(message)
    if (key !== undefined && isRecord(handle)) answers.set(key, given)
    return send(...given)
  }
  child.on("internalMessage", (message: unknown) => {
    const key = keyOf(message)
    if (key !== undefined && isRecord(message) && message["act"] === "close") answers.delete(key)
    if (isBareHandle(message)) child.send(acknowledgement, () => undefined)
  })
  return (key) => {
    const answer = answers.get(key)
    if (answer === undefined || !child.connected) return
    try {
      send(...answer)
    } catch {
      // The server has been closed: whoever was to use it is on its way out.
    }
  }
}

/** What a worker does with what it hears: a message, and the handle that came with it. */
export type HandleListener = (message: unknown, handle: unknown) => void

/**
 * Asks for handles that are lost, and closes those that were dropped.
 *
 * @param ask sends the primary the key of a server.
 * @param strayed is told of a handle that nobody can send again: the user's own.
 */
export function receiveHandles(ask: (key: string) => void, strayed: () => void): HandleListener {
  /** The sockets that were open when a server's handle was lost, by its key. */
  const openAtLoss = new Map<string, ReadonlyMap<number, string>>()
  return (message, handle) => {
    if (isBareHandle(message)) {
      process.send?.(acknowledgement, undefined, undefined, () => undefined)
      const key = keyOf(message["msg"])
      if (key === undefined) return strayed()
      openAtLoss.set(key, openSockets())
      return ask(key)
    }
    const key = keyOf(message)
    const before = key === undefined || !isRecord(handle) ? undefined : openAtLoss.get(key)
    if (key === undefined || before === undefined) return
    openAtLoss.delete(key)
    closeTwins(before)
  }
}

/** Closes what was open before and is the same socket as one that has just come. */
function closeTwins(before: ReadonlyMap<number, string>): void {
  const now = openSockets()
  const arrived = new Set<string>()
  for (const [descriptor, socket] of now) {
    if (before.get(descriptor) !== socket) arrived.add(socket)
  }
  const twins = [...before].filter(
    ([descriptor, socket]) => arrived.has(socket) && now.get(descriptor) === socket,
  )
  if (twins.length === 0) return
  try {
    const library = nativeCode()?.({ close: { parameters: ["i32"], result: "i32" } })
    for (const [descriptor] of twins) library?.["close"]?.(descriptor)
  } catch {
    // Then the port stays in use for as long as this worker lives.
  }
}

/** The sockets of this process by their descriptors, on Linux. */
function openSockets(): ReadonlyMap<number, string> {
  const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs")
  const sockets = new Map<number, string>()
  const folder = "/proc/self/fd"
  try {
    for (const name of readdirSync(folder)) {
      const target = linkTarget(`${folder}/${name}`)
      if (target.startsWith("socket:")) sockets.set(Number(name), target)
    }
  } catch {
    // There is no such folder here.
  }
  return sockets

  function linkTarget(path: string): string {
    try {
      return readlinkSync(path)
    } catch {
      return ""
    }
  }
}

/** The receiver's word for it in Node: the sender waits for this before it sends anything else. */
const acknowledgement = { cmd: "NODE_HANDLE_ACK" } as const

/** Whether this message should have carried a handle: one that has, never is heard in this form. */
function isBareHandle(message: unknown): message is { readonly [name: string]: unknown } {
  return isRecord(message) && message["cmd"] === "NODE_HANDLE"
}

/** The key of the server that a message of node:cluster is about. */
function keyOf(message: unknown): string | undefined {
  if (!isRecord(message) || message["cmd"] !== "NODE_CLUSTER") return undefined
  const { key } = message
  return typeof key === "string" ? key : undefined
}
