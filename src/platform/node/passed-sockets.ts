/**
 * Sockets that were passed to the primary, as systemd does for a service with a socket of its own: a worker that listens on the
 * address of one gets that socket.
 *
 * The primary reads the variables once, finds the addresses in /proc, and changes the request of the worker before node:cluster has
 * it. The socket itself stays with the service manager: what is closed here is only a descriptor of it, so connections wait there
 * until the next primary takes them.
 */
import { type ClusterChannel, type ClusterMessage, isOfDatagrams } from "./cluster-channel.ts"
import { firstPassedFd, notifyName } from "../passed-descriptors.ts"
import { addressesIn, addressText, isMeant, type SocketAddress } from "../socket-address.ts"
import { writeWarning } from "./output.ts"

/** A socket that was passed, by its descriptor. */
export interface PassedSocket {
  readonly fd: number
  /** Whether it is one of UDP. Those of a service manager that are used are not. */
  readonly isOfDatagrams?: boolean
  /** What its unit calls it. */
  readonly name: string
}

type Variables = { readonly [name: string]: string | undefined }

/** What the variables say, if they are about this process. @returns what is wrong with them, if anything is. */
export function passedSockets(
  { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = "" }: Variables,
  pid: number,
): readonly PassedSocket[] | string {
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return []
  const count = Number(LISTEN_FDS)
  if (!Number.isSafeInteger(count) || count < 0 || count > 1_000) {
    return `LISTEN_FDS must be a number of sockets, got ${JSON.stringify(LISTEN_FDS)}`
  }
  const names = LISTEN_FDNAMES.split(":")
  return Array.from({ length: count }, (_, index) => ({
    fd: firstPassedFd + index,
    name: names[index] || "unknown",
  })).filter(({ name }) => name !== notifyName)
}

/** The address that a worker asks for; undefined if it asks for a descriptor. */
export function addressOf({ address, port, fd }: OpenQuery): SocketAddress | undefined {
  if (Number(fd ?? -1) >= 0) return undefined
  if (Number(port) < 0) return { path: String(address) }
  return { host: typeof address === "string" ? address : null, port: Number(port) }
}

/** The sockets that workers may take. */
export interface PassedSockets {
  /** Gives a worker the sockets that it asks for. Called before anything else listens to its channel. */
  serve(channel: ClusterChannel): void
  /** A worker is ready. Says a moment later, once, which sockets nobody listens on. */
  sayUntakenSoon(): void
}

/** How long after the first worker is ready others may still listen. */
const lateMs = 2_000

/** A request for a server, which may still be changed. */
interface OpenQuery extends Omit<ClusterMessage, "address" | "port" | "fd"> {
  address?: unknown
  port?: unknown
  fd?: unknown
}

/** @param sockets with the address of each; null where it is not known. */
export function servePassed(
  sockets: readonly (PassedSocket & { readonly address: SocketAddress | null })[],
): PassedSockets {
  const taken = new Set<number>()
  let isSaid = false
  return {
    serve(channel) {
      channel.onReceive((message: OpenQuery) => {
        if (message.act !== "queryServer") return
        const { fd } = message
        if (Number(fd ?? -1) >= 0) return void taken.add(Number(fd))
        const wanted = addressOf(message)
        if (wanted === undefined) return
        const isDatagram = isOfDatagrams(message)
        const meant = sockets.find(
          ({ address, isOfDatagrams: isOne = false }) =>
            address !== null && isOne === isDatagram && isMeant(address, wanted),
        )
        if (meant === undefined) return
        taken.add(meant.fd)
        // A descriptor has its address already: node:cluster ends the process if both are there.
        Object.assign(message, { address: null, port: null, fd: meant.fd, askedFor: wanted })
      })
    },
    sayUntakenSoon() {
      if (isSaid) return
      isSaid = true
      setTimeout(() => {
        for (const socket of sockets.filter(({ fd }) => !taken.has(fd))) {
          writeWarning(
            `nobody listens on the passed socket ${describeSocket(socket)}, so its clients wait`,
          )
        }
      }, lateMs).unref()
    },
  }
}

function describeSocket({
  name,
  fd,
  address,
}: PassedSocket & { readonly address: SocketAddress | null }): string {
  const where = address === null ? "not a socket that listens" : addressText(address)
  return `${name} (descriptor ${fd}, ${where})`
}

/** Finds where each of these sockets listens. */
export function located(
  sockets: readonly PassedSocket[],
): readonly (PassedSocket & { readonly address: SocketAddress | null })[] {
  const { readFileSync, readlinkSync } = process.getBuiltinModule("node:fs")
  const table = (name: string): string => {
    try {
      return readFileSync(`/proc/self/net/${name}`, "latin1")
    } catch {
      // A kernel without IPv6 has no table of it.
      return ""
    }
  }
  const addresses = addressesIn({ tcp: table("tcp"), tcp6: table("tcp6"), unix: table("unix") })
  return sockets.map((socket) => {
    try {
      const [, inode = ""] =
        /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${socket.fd}`)) ?? []
      return { ...socket, address: addresses.get(inode) ?? null }
    } catch {
      return { ...socket, address: null }
    }
  })
}
