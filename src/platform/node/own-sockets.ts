/**
 * Unix sockets that can be handed over to another primary. libuv removes the file of a socket when the handle that has made it is
 * closed, and the next primary would be left without. So this process makes the socket itself, by a handle that it never closes, and
 * node:cluster gets the descriptor. The file is removed here, once the socket is closed and nobody else has it.
 *
 * Only on Node, where a primary can hand over. The maker closes with the process.
 */
import type { ClusterChannel } from "./cluster-channel.ts"
import { runtime } from "./runtime.ts"
import { pathOf, socketFile } from "./socket-files.ts"
import type { OpenSocket } from "./successor.ts"

/** Unix sockets of this pool. */
export interface OwnSockets {
  /** Gives a worker the socket at the path that it asks for. Called once ports that lead nowhere are given up. */
  serve(channel: ClusterChannel): void
  /** The socket is closed here. @param isHandedOver whether another primary has it. */
  closed(path: string, isHandedOver: boolean): void
}

/** A socket that was made here or taken over: its descriptor, and which file it is. */
interface OwnSocket {
  readonly fd: number
  readonly file: bigint | undefined
}

/** Makes a handle that is bound and does not listen; a number says why not. */
type MakeHandle = (path: string, port: -1, kind: -1) => { readonly fd: number } | number

/** @param inherited the sockets of another primary, of which some may be such. */
export function ownSockets(inherited: readonly OpenSocket[]): OwnSockets {
  const sockets = new Map<string, OwnSocket>()
  for (const { address, fd, isOwn } of inherited) {
    if (isOwn === true && "path" in address) {
      sockets.set(address.path, { fd, file: socketFile(address.path) })
    }
  }

  function socketAt(path: string): OwnSocket | undefined {
    const known = sockets.get(path)
    if (known !== undefined) return known
    if (runtime.name !== "Node" || process.platform === "win32") return undefined
    const net = process.getBuiltinModule("node:net")
    const { _createServerHandle: make } = net as { readonly _createServerHandle?: MakeHandle }
    if (make === undefined) return undefined
    const made = make(path, -1, -1)
    // node:cluster finds the same error, and reports it.
    if (typeof made === "number") return undefined
    const socket = { fd: made.fd, file: socketFile(path) }
    sockets.set(path, socket)
    return socket
  }

  return {
    serve(channel) {
      channel.onReceive((message) => {
        const path = pathOf(message)
        const socket = path === undefined ? undefined : socketAt(path)
        if (socket === undefined || path === undefined) return
        const { fd } = socket
        // A descriptor has its address already: node:cluster ends the process if both are there.
        Object.assign(message, { address: null, port: null, fd, askedFor: { path }, ownPath: path })
      })
    },
    closed(path, isHandedOver) {
      const socket = sockets.get(path)
      sockets.delete(path)
      if (socket === undefined || isHandedOver || socketFile(path) !== socket.file) return
      try {
        process.getBuiltinModule("node:fs").unlinkSync(path)
      } catch {
        // Somebody else has removed it.
      }
    },
  }
}
