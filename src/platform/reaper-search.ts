/**
 * What a reaper finds: those of the listed processes that workers of its pool have started, with all that is below them.
 */
import type { Identity, ReaperSearch } from "./reaper-command.ts"

/** A process of the machine that lives. */
export interface ReaperProcess {
  readonly pid: number
  readonly parent: number
  readonly session: number
  /** In ticks since the machine has started. */
  readonly startedAt: number
  /** Its environment has the mark of the pool: a worker has started it, or it is a worker itself. */
  readonly isMarked: boolean
}

/** Where a reaper looks. */
export interface ReaperPlace {
  /** The primary itself is never found. */
  readonly primary: number
  /** Processes of other sessions were detached on purpose; null if what workers start is left alone. */
  readonly session: number | null
  /** When the primary has started. What is older is none of its own. */
  readonly since: number
}

/** What is found in a list of processes, in its order, and then what is below. */
export function searchProcesses(
  { primary, session, since }: ReaperPlace,
  { of, known }: ReaperSearch,
  listed: readonly ReaperProcess[],
): readonly Identity[] {
  const near = listed.filter(
    ({ pid, session: its, startedAt }) => pid !== primary && its === session && startedAt >= since,
  )
  const isRoot = (process: ReaperProcess): boolean =>
    known.includes(identityOf(process)) ||
    ((of === "all" || of.includes(process.pid)) && process.isMarked)
  const found = new Map(near.filter(isRoot).map((process) => [process.pid, identityOf(process)]))
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const process of near) {
      const { pid, parent } = process
      if (!found.has(pid) && found.has(parent)) found.set(pid, identityOf(process))
    }
  }
  return [...found.values()]
}

function identityOf({ pid, startedAt }: ReaperProcess): Identity {
  return `${pid}:${startedAt}`
}
