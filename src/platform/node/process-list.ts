/**
 * Lists the processes in the session of this one, from /proc of Linux.
 *
 * A process of another session is not in the list: it was detached on purpose, or is none of ours. Nor is one that has ended.
 * A process id may be reused, but not together with the moment at which its process has started.
 */

/** A process that lives. */
export interface ListedProcess {
  readonly pid: number
  readonly parent: number
  /** Its process id and when it has started: the same for no other process. */
  readonly identity: string
}

/** So many processes are looked at in one turn of the event loop. */
const perTurn = 50

/** A process of our session that lives; undefined if there is none with this id. */
export function listedProcess(pid: number): ListedProcess | undefined {
  const own = ownStat()
  const stat = own && statIn(readProc(`${pid}/stat`))
  if (stat === undefined || stat.session !== own?.session || /[ZX]/.test(stat.state)) {
    return undefined
  }
  return { pid, parent: stat.parent, identity: identityFrom(pid, stat) }
}

/** The process with this identity; undefined if it has ended. */
export function processWith(identity: string): ListedProcess | undefined {
  const listed = listedProcess(Number.parseInt(identity, 10))
  return listed?.identity === identity ? listed : undefined
}

/** Every process of our session that lives. It blocks: up to 0.1 ms for each process of the machine. */
export function listNow(): ListedProcess[] {
  return allPids().flatMap((pid) => listedProcess(pid) ?? [])
}

/** The same, without blocking the event loop for long. */
export async function listInTurns(): Promise<ListedProcess[]> {
  const listed: ListedProcess[] = []
  const pids = allPids()
  for (let first = 0; first < pids.length; first += perTurn) {
    await new Promise(setImmediate)
    listed.push(...pids.slice(first, first + perTurn).flatMap((pid) => listedProcess(pid) ?? []))
  }
  return listed
}

/** The environment that a process was started with; "" if it cannot be known. A process may also have overwritten it. */
export function environmentOf(pid: number): string {
  return readProc(`${pid}/environ`) ?? ""
}

/** Signals a process, unless it has ended. */
export function signalProcess(identity: string, signal: NodeJS.Signals): void {
  const listed = processWith(identity)
  if (listed === undefined) return
  try {
    process.kill(listed.pid, signal)
  } catch {
    // It has just ended, or belongs to another user.
  }
}

/** What /proc says about a process. */
export interface Stat {
  readonly state: string
  readonly parent: number
  readonly session: string
  /** In ticks since the machine has started. */
  readonly startedAt: string
}

function identityFrom(pid: number, { startedAt }: Stat): string {
  return `${pid}:${startedAt}`
}

let knownOwn: { readonly stat: Stat | undefined } | undefined

/** What it says about this one; undefined if processes cannot be listed: there is no /proc, or only that of others. */
export function ownStat(): Stat | undefined {
  if (knownOwn === undefined) {
    const text = process.platform === "linux" ? readProc("self/stat") : undefined
    // In a container that has the /proc of its host, our process id is that of somebody else there.
    knownOwn = { stat: text?.startsWith(`${process.pid} `) ? statIn(text) : undefined }
  }
  return knownOwn.stat
}

function statIn(text: string | undefined): Stat | undefined {
  // The name of a process is in parentheses, and may contain any.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ", 20) ?? []
  const [state, parent, , session] = fields
  const startedAt = fields[19]
  if (state === undefined || session === undefined || startedAt === undefined) return undefined
  return { state, parent: Number(parent), session, startedAt }
}

function allPids(): number[] {
  try {
    const names = process.getBuiltinModule("node:fs").readdirSync("/proc")
    return names.map(Number).filter((pid) => pid > 0)
  } catch {
    return []
  }
}

function readProc(path: string): string | undefined {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(`/proc/${path}`, "latin1")
  } catch {
    // It has ended, is hidden, or this process may not read it.
    return undefined
  }
}
