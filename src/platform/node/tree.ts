/**
 * Ends what a worker has started once the worker has ended, down to the last descendant.
 *
 * The children of a dead process become those of pid 1, so they must be recognized in another way: by a mark in the
 * environment that they inherit, by the report of the worker that has started them, and by their parents. A worker that is
 * to be killed is suspended first, and what is below it is noted. A process in a session of its own was detached, and is left
 * alone. If this process is killed, the reaper does the same. See docs/decisions/tree.md.
 */
import type { WorkerRef } from "../../core/event.ts"
import {
  environmentOf,
  type ListedProcess,
  listedProcess,
  listInTurns,
  listNow,
  ownStat,
  processWith,
  signalProcess,
  type Stat,
} from "./process-list.ts"

/** What the workers of this process have started. */
export interface Trees {
  /** What is known about this process. */
  readonly own: Stat
  /** A part of the environment of everything that a worker of this process starts. Other processes do not have it. */
  readonly mark: string
  /** What a worker leaves has this long to end. */
  readonly graceMs: number
  /** What a worker is about to start. */
  of(worker: WorkerRef): Tree
  /** The identities of what is known. More may have the mark. */
  known(): string[]
  /** From now on, somebody else ends what workers leave. */
  release(): void
}

/** What one worker starts. */
export interface Tree {
  /** The environment that marks it. */
  readonly environment: { readonly [variable: string]: string }
  /** The worker has its process id. */
  began(pid: number): void
  /** The worker has started a process with this identity. */
  started(identity: string): void
  /** Suspends the worker right before it is killed, and notes what is below it. */
  freeze(): void
  /** The worker has ended. */
  ended(): void
}

const variable = "KAMISAMA_TREE"

/** Workers that end together are looked after together. What they report about processes may also arrive a moment late. */
const togetherMs = 100

/** What a worker leaves has this long to end after SIGTERM, or the timeout if that is less. */
const longestGraceMs = 5_000

/** What is killed is suspended first, until nothing new is found. It is looked for no more often than this. */
const mostLooks = 10

/** How many pools this process has had. Tests have several, one after the other. */
let pools = 0

/** What one worker has started, as far as it is known. */
interface Record {
  readonly mark: string
  readonly identities: Set<string>
  /** The worker was killed by its pool. */
  wasKilled: boolean
}

/** Whether this process was started by a worker whose processes are looked after. */
export function isMarked(): boolean {
  return process.env[variable] !== undefined
}

/**
 * Looks after what the workers of this process start; undefined if processes cannot be listed here.
 *
 * @param note called with the identities of what is found out.
 */
export function keepTrees(
  timeoutMs: number,
  note: (identities: readonly string[]) => void,
): Trees | undefined {
  const own = ownStat()
  if (own === undefined) return undefined
  pools += 1
  const mark = `kamisama/${process.pid}:${own.startedAt}:${pools}/`
  const graceMs = Math.min(timeoutMs, longestGraceMs)
  /** The process ids of workers that live. */
  const workers = new Set<number>()
  /** The workers that live, or have left something. */
  const records = new Set<Record>()
  /** Those that have just ended. */
  let ended: Record[] = []
  let look: NodeJS.Timeout | undefined
  let list: readonly ListedProcess[] | undefined

  /** The list of this turn. Many workers may be killed in one. */
  function currentList(): readonly ListedProcess[] {
    if (list === undefined) setImmediate(() => (list = undefined))
    return (list ??= listNow())
  }

  /** What belongs to these workers, without the workers that live. */
  function leftBy(
    by: readonly Record[],
    listed: readonly ListedProcess[],
  ): readonly ListedProcess[] {
    const others = listed.filter(({ pid }) => pid !== process.pid && !workers.has(pid))
    const roots = others.filter(({ pid, identity }) => {
      if (by.some(({ identities }) => identities.has(identity))) return true
      const environment = environmentOf(pid)
      return by.some((record) => environment.includes(record.mark))
    })
    return [...roots, ...below(roots, others)]
  }

  function noteLeft(by: readonly Record[], left: readonly ListedProcess[]): void {
    const identities = left.map(({ identity }) => identity)
    for (const record of by) for (const identity of identities) record.identities.add(identity)
    if (identities.length > 0) note(identities)
  }

  async function endLeftovers(): Promise<void> {
    const killed = ended.filter(({ wasKilled }) => wasKilled)
    const others = ended.filter(({ wasKilled }) => !wasKilled)
    ended = []
    look = undefined
    if (killed.length > 0) await kill(killed)
    if (others.length > 0) await ask(others)
  }

  async function ask(by: readonly Record[]): Promise<void> {
    const left = leftBy(by, await listInTurns())
    noteLeft(by, left)
    if (left.length === 0) return forget(by)
    for (const { identity } of left) {
      signalProcess(identity, "SIGTERM")
      // One that is suspended would not notice.
      signalProcess(identity, "SIGCONT")
    }
    setTimeout(() => void kill(by), graceMs).unref()
  }

  async function kill(by: readonly Record[]): Promise<void> {
    const found = new Set<string>()
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const left = leftBy(by, await listInTurns())
      const fresh = left.filter(({ identity }) => !found.has(identity))
      if (fresh.length === 0) break
      noteLeft(by, fresh)
      for (const { identity } of fresh) {
        found.add(identity)
        // So that it cannot start another one in between.
        signalProcess(identity, "SIGSTOP")
      }
    }
    for (const identity of found) signalProcess(identity, "SIGKILL")
    forget(by)
  }

  function forget(by: readonly Record[]): void {
    for (const record of by) records.delete(record)
  }

  function lookAfter(record: Record): void {
    records.add(record)
    ended.push(record)
    look ??= setTimeout(() => void endLeftovers(), togetherMs).unref()
  }

  return {
    own,
    mark,
    graceMs,
    of(worker) {
      const record: Record = {
        mark: `${mark}${worker.incarnation}/`,
        identities: new Set(),
        wasKilled: false,
      }
      // In a worker of another pool, its mark is kept: what is below this process is below that worker, too.
      const marks = [process.env[variable] ?? [], record.mark].flat()
      let mostKept = 64
      let pid: number | undefined
      let hasEnded = false
      return {
        environment: { [variable]: marks.join(" ") },
        began(given) {
          pid = given
          workers.add(given)
          records.add(record)
        },
        started(identity) {
          const { identities } = record
          if (!/^\d+:\d+$/.test(identity)) return
          identities.add(identity)
          note([identity])
          if (hasEnded && !ended.includes(record)) lookAfter(record)
          if (identities.size <= mostKept) return
          // Most of them have ended. It was not reported.
          for (const one of identities) {
            if (processWith(one) === undefined) identities.delete(one)
          }
          mostKept = 64 + 2 * identities.size
        },
        freeze() {
          record.wasKilled = true
          const self = pid === undefined ? undefined : listedProcess(pid)
          if (self === undefined) return
          signalProcess(self.identity, "SIGSTOP")
          noteLeft([record], below([self], currentList()))
        },
        ended() {
          if (pid === undefined) return
          workers.delete(pid)
          hasEnded = true
          // The pool may be done in this very turn.
          if (record.wasKilled) {
            for (const identity of record.identities) signalProcess(identity, "SIGKILL")
          }
          lookAfter(record)
        },
      }
    },
    known: () => [...records].flatMap(({ identities }) => [...identities]),
    release: () => clearTimeout(look),
  }
}

/** The processes below others. Each is named once, and none of the others. */
function below(
  roots: readonly ListedProcess[],
  listed: readonly ListedProcess[],
): readonly ListedProcess[] {
  const seen = new Set(roots.map(({ pid }) => pid))
  const found: ListedProcess[] = []
  for (let parents = seen; parents.size > 0;) {
    const children = listed.filter(({ pid, parent }) => parents.has(parent) && !seen.has(pid))
    found.push(...children)
    parents = new Set(children.map(({ pid }) => pid))
    for (const pid of parents) seen.add(pid)
  }
  return found
}
