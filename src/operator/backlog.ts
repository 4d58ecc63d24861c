/**
 * How many connections wait at each port of a pool until somebody accepts them, as Linux tells: a pool that is too small shows it here
 * first. Elsewhere it is not known.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"

/** A port that listens. */
export interface Backlog {
  /** Its address, such as `0.0.0.0:3000` or `[::]:3000`. */
  readonly address: string
  /** How many connections wait. */
  readonly waiting: number
}

/** Somebody listens there, in /proc/net/tcp. */
const listening = "0A"

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
    return readFileSync(table, "latin1").split("\n").slice(1).flatMap(listenerOf)
  } catch {
    return []
  }
}

/** @param line a line of /proc/net/tcp: see proc(5). */
export function listenerOf(line: string): Listener | readonly [] {
  const [, local = "", , state, queues = "", , , , , inode = ""] = line.trim().split(/\s+/)
  if (state !== listening) return []
  const waiting = Number.parseInt(queues.split(":")[1] ?? "", 16)
  return { address: addressOf(local), waiting, inode }
}

/** Words of four bytes, each in the order of this machine, and the port. */
function addressOf(local: string): string {
  const [words = "", port = ""] = local.split(":")
  const bytes = (words.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse())
  const number = Number.parseInt(port, 16)
  if (bytes.length === 4)
    return `${bytes.map((byte) => Number.parseInt(byte, 16)).join(".")}:${number}`
  const groups = bytes.join("").match(/.{4}/g) ?? []
  return `${new URL(`http://[${groups.join(":")}]`).hostname}:${number}`
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
