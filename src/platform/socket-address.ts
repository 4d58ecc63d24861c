/**
 * Where sockets listen: what the kernel says, what a server asks for, and whether one is meant by the other. Pure.
 */

/** Where a socket listens, or is to: a path, or an address and a port. `host` is null for every address. */
export type SocketAddress =
  { readonly path: string } | { readonly host: string | null; readonly port: number }

/** Where the sockets with these inodes listen, as the tables of the kernel say. */
export function addressesIn(tables: {
  readonly tcp: string
  readonly tcp6: string
  readonly unix: string
}): ReadonlyMap<string, SocketAddress> {
  const addresses = new Map<string, SocketAddress>()
  for (const line of `${tables.tcp}\n${tables.tcp6}`.split("\n")) {
    const { inode, host, port } = listenerOf(line) ?? {}
    if (inode !== undefined && host !== undefined && port !== undefined) {
      addresses.set(inode, { host, port })
    }
  }
  for (const line of tables.unix.split("\n")) {
    const [, , , , , , inode = "", path] = line.trim().split(/\s+/)
    if (/^\d+$/.test(inode) && path !== undefined) addresses.set(inode, { path })
  }
  return addresses
}

/** A socket of TCP that listens. */
export interface TcpListener {
  readonly inode: string
  readonly host: string
  readonly port: number
  /** How many connections wait to be accepted. */
  readonly waiting: number
}

/** A line of /proc/net/tcp or /proc/net/tcp6, if it is about a socket that listens: see proc(5). */
export function listenerOf(line: string): TcpListener | undefined {
  const [, local = "", , state, queues = "", , , , , inode] = line.trim().split(/\s+/)
  if (state !== listening || inode === undefined) return undefined
  const [host = "", port = ""] = local.split(":")
  const waiting = Number.parseInt(queues.split(":")[1] ?? "", 16)
  return { inode, host: hostOf(host), port: Number.parseInt(port, 16), waiting }
}

/** The state of a listening socket in the tables of the kernel. */
const listening = "0A"

/** The tables have each group of four bytes with the last one first. */
function hostOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  )
  if (bytes.length === 4) return bytes.join(".")
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return groups.join(":")
}

const anyHosts = ["0.0.0.0", "0:0:0:0:0:0:0:0"]

/**
 * Whether a server that is to listen there is meant by a socket that listens here. One that is to listen on every address takes any
 * socket of its port.
 */
export function isMeant(passed: SocketAddress, wanted: SocketAddress): boolean {
  if ("path" in passed || "path" in wanted) {
    return "path" in passed && "path" in wanted && passed.path === wanted.path
  }
  if (passed.port !== wanted.port) return false
  if (wanted.host === null) return true
  const host = fullHost(wanted.host)
  if (passed.host === null) return anyHosts.includes(host)
  return anyHosts.includes(host) || host === fullHost(passed.host)
}

/** An address of IPv6 with all of its groups. */
function fullHost(host: string): string {
  if (!host.includes(":")) return host
  const [before = "", after] = host.toLowerCase().split("::")
  const [first, last] = [before, after ?? ""].map((part) => part.split(":").filter(Boolean))
  const missing = 8 - (first?.length ?? 0) - (last?.length ?? 0)
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, missing)).fill("0")
  return [...(first ?? []), ...zeros, ...(last ?? [])]
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")
}

/** An address as people write it. */
export function addressText(address: SocketAddress): string {
  if ("path" in address) return address.path
  const { host, port } = address
  if (host === null) return `*:${port}`
  return `${host.includes(":") ? `[${host}]` : host}:${port}`
}
