/**
 * Which failed requests a supervisor cannot be blamed for. Decides it from facts alone: when a request began and failed,
 * who had its connection, which workers ended when and of what, and when there was no pool.
 *
 * A worker ended *without warning* if a fault made it: it exited, threw, was killed or hung, or ran a broken version. One
 * that was asked to stop, recycled, replaced, scaled down or suspended for a moment has to answer what it has accepted.
 * A failed request is
 *
 * - **not accepted** if it was refused, or reset on a new connection of which no worker had said anything, in an outage:
 *   from a stop, or the primary's death, until a worker of the next life serves, or while no worker serves as all of them
 *   have ended. Nobody had it, and the client knows;
 * - **excused** if its connection broke
 *   - in an outage that the death of a primary has begun,
 *   - while the worker that had it was ending without warning,
 *   - where nobody knows who had it, while any worker was;
 * - **excused** if it was never answered, on a new connection of which no worker had said anything, in a life in which the
 *   primary hands out connections, and a worker ended without warning after it began: it may have been on its way to it.
 *   Each such worker excuses one request only, as the primary hands a worker one connection at a time;
 * - a **violation** otherwise.
 */

/** A request that was not answered. */
export interface Failure {
  readonly startedAt: number
  readonly failedAt: number
  readonly how: "refused" | "broken" | "hung"
  /** What its client saw. */
  readonly text: string
  /** The worker that is known to have its connection. */
  readonly pid: number | undefined
  readonly isNewConnection: boolean
}

/** A worker that ended without warning. */
export interface Death {
  readonly pid: number
  /** From when on it was on its way out: a process that is killed on a busy machine takes a while to be gone. */
  readonly from: number
  readonly at: number
  /** Whether its primary hands out the connections. */
  readonly isHandedConnections: boolean
}

/** A time in which nobody serves. */
export interface Outage {
  readonly from: number
  /** Infinity where it lasts. */
  readonly until: number
  /** Whether the primary was killed. */
  readonly wasKilled: boolean
}

export interface Verdict {
  readonly notAccepted: number
  readonly excused: number
  readonly violations: readonly Failure[]
}

/** How far apart what happens at one moment is seen, in ms: by one process, from several sockets. */
const momentMs = 250

/** For how long a connection may wait for a worker that is hung or suspended, until that is killed, in ms. */
const longestWaitMs = 8_000

export function judge(
  failures: readonly Failure[],
  deaths: readonly Death[],
  outages: readonly Outage[],
): Verdict {
  let notAccepted = 0
  let excused = 0
  const violations: Failure[] = []
  const used = new Set<Death>()
  for (const failure of failures) {
    if (wasNotAccepted(failure, outages)) notAccepted += 1
    else if (
      failure.how === "hung"
        ? excuseHung(failure, deaths, used)
        : hasBroken(failure, deaths, outages)
    ) {
      excused += 1
    } else violations.push(failure)
  }
  return { notAccepted, excused, violations }
}

function wasNotAccepted(failure: Failure, outages: readonly Outage[]): boolean {
  if (failure.how === "hung" || failure.pid !== undefined || !failure.isNewConnection) return false
  return outages.some((outage) => isWithin(failure.failedAt, outage))
}

function hasBroken(
  { how, failedAt, pid }: Failure,
  deaths: readonly Death[],
  outages: readonly Outage[],
): boolean {
  if (how === "refused") return false
  if (outages.some((outage) => outage.wasKilled && isWithin(failedAt, outage))) return true
  return deaths.some(
    (death) =>
      (pid === undefined || death.pid === pid) &&
      failedAt >= death.from - momentMs &&
      failedAt <= death.at + momentMs,
  )
}

/** Uses up the first death that can have been the cause. */
function excuseHung(
  { startedAt, pid, isNewConnection }: Failure,
  deaths: readonly Death[],
  used: Set<Death>,
): boolean {
  if (pid !== undefined || !isNewConnection) return false
  const cause = deaths.find(
    (death) =>
      death.isHandedConnections &&
      !used.has(death) &&
      death.at >= startedAt - momentMs &&
      death.at <= startedAt + longestWaitMs,
  )
  if (cause !== undefined) used.add(cause)
  return cause !== undefined
}

function isWithin(at: number, { from, until }: Outage): boolean {
  return at >= from - momentMs && at <= until + momentMs
}
