/**
 * How many connections wait at each port of a pool until somebody accepts them, as Linux tells: a pool that is too small shows it here
 * first. Elsewhere it is not known.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { listenerOf } from "../platform/socket-address.ts"

/** A port that listens. */
export interface Backlog {
  /** Its address, such as `0.0.0.0:3000` or `[::]:3000`. */
  readonly address: string
  /** How many connections wait. */
  readonly waiting: number
}

/** @param pids the processes that may hold such ports. */
export function backlogsOf(pids: readonly number[]): readonly Backlog[] {
  const all = [...listenersIn("/proc/net/tcp"), ...listenersIn("/proc/net/tcp6")]
  if (all.length === 0) return []
  const own = new Set(pids.flatMap(socketsOf))
  return all.filter(({ inode }) => own.has(inode))
}

/** Which line of /proc/net/tcp is which socket. */
interface Listener extends Backlog {
  readonly inode: string
}

function listenersIn(table: string): readonly Listener[] {
  try {
    return readFileSync(table, "latin1").split("\n").flatMap(listenerAt)
  } catch {
    return []
  }
}

/** @param line a line of /proc/net/tcp. */
export function listenerAt(line: string): Listener | readonly [] {
  const found = listenerOf(line)
  if (found === undefined) return []
  const { inode, waiting, host, port } = found
  const shown = host.includes(":") ? new URL(`http://[${host}]`).hostname : host
  return { address: `${shown}:${port}`, waiting, inode }
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketAt(`/proc/${pid}/fd/${fd}`))
  } catch {
    // It has just ended, or belongs to somebody else.
    return []
  }
}

function socketAt(link: string): string | readonly [] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1] ?? []
  } catch {
    return []
  }
}
