/**
 * Sends a worker the handle of a server again if it was lost on its way.
 *
 * If a message and one with a handle arrive in one read, Deno attaches the handle to the first, which drops it. The second
 * is then never acknowledged: the receiver waits for its handle forever, and the sender holds back all further messages. So
 * the receiver acknowledges it on its own. A worker also names the server, and the primary sends the answer of node:cluster
 * again. If that is lost too, the worker asks again. The dropped handle is still open, and would keep the port in use after
 * the server is closed. The worker therefore closes it.
 */
import type { ChildProcess } from "node:child_process"
import { isRecord } from "../../core/plan/checks.ts"
import { isOfCluster } from "./cluster-channel.ts"
import { nativeCode } from "./runtime.ts"

/** Sends again the handle of the server with this key. */
export type Resend = (key: string) => void

/** Keeps the answers that carry a server's handle to this worker, for as long as it uses the server. */
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
    if (isBareHandle(message)) child.send(acknowledgment, () => undefined)
  })
  return (key) => {
    const answer = answers.get(key)
    if (answer === undefined || !child.connected) return
    try {
      send(...answer)
    } catch {
      // The server was closed. The worker that asks for it is about to end.
    }
  }
}

/** Takes in a message, and the handle that came with it. */
export type HandleListener = (message: unknown, handle: unknown) => void

/**
 * Asks for handles that were lost, and closes those that were dropped.
 *
 * @param ask sends the primary the key of a server.
 * @param lost called if the lost handle is one of the user's own, which cannot be sent again.
 */
export function receiveHandles(ask: (key: string) => void, lost: () => void): HandleListener {
  /** The sockets that were open when a server's handle was lost, by its key. */
  const openAtLoss = new Map<string, ReadonlyMap<number, string>>()
  return (message, handle) => {
    if (isBareHandle(message)) {
      process.send?.(acknowledgment, undefined, undefined, () => undefined)
      const key = keyOf(message["msg"])
      if (key === undefined) return lost()
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

/** Closes each descriptor that was open before and is the same socket as one that has just arrived. */
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
    // The port then stays in use for as long as this worker lives.
  }
}

/** The sockets of this process by descriptor, on Linux. */
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
    // This system has no such folder.
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

/** The acknowledgment of a handle in Node. The sender waits for it before it sends anything else. */
const acknowledgment = { cmd: "NODE_HANDLE_ACK" } as const

/** Whether this message has lost its handle. A message that has its handle never arrives in this form. */
function isBareHandle(message: unknown): message is { readonly [name: string]: unknown } {
  return isRecord(message) && message["cmd"] === "NODE_HANDLE"
}

/** The key of the server in a message of node:cluster. */
function keyOf(message: unknown): string | undefined {
  if (!isOfCluster(message)) return undefined
  const { key } = message
  return typeof key === "string" ? key : undefined
}
