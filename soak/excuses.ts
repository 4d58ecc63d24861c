/**
 * Judges failed requests: a supervisor cannot be blamed for all of them. The judgment depends on facts alone: when a
 * request began and failed, which worker had its connection, which workers ended when and why, and when there was no pool.
 *
 * A worker ended *without warning* if a fault made it: it exited, threw, was killed or hung, or ran a broken version. A
 * worker that was asked to stop, recycled, replaced, scaled down or suspended briefly must answer what it has accepted.
 * A failed request is
 *
 * - **not accepted** if it was refused, or reset on a new connection that no worker is known to have had, in an outage. An
 *   outage lasts from a stop, or the death of the primary, until a worker of the next life serves. It also lasts while no
 *   worker serves because all of them have ended. No worker had the request, and the client knows;
 * - **excused** if its connection broke
 *   - in an outage that began with the death of a primary,
 *   - while the worker that had it was ending without warning,
 *   - while any worker was, if it is unknown which worker had it;
 * - **not accepted** also if it was never answered, on a new connection that no worker is known to have had, in an outage that
 *   lasts when its client gives up, or has just ended. A connection waits for the next worker. The outage may begin after the
 *   request, because the last workers may have hung before;
 * - **excused** if it was never answered, on a new connection that no worker is known to have had, in a life in which the
 *   primary hands out connections, and a worker ended without warning after it began. The request may have been on its way
 *   to that worker. Each such worker excuses one request only, because the primary hands it one connection at a time;
 * - a **violation** otherwise.
 */

/** A request that was not answered. */
export interface Failure {
  readonly startedAt: number
  readonly failedAt: number
  readonly how: "refused" | "broken" | "hung"
  /** What the client saw. */
  readonly text: string
  /** The worker that is known to have its connection. */
  readonly pid: number | undefined
  readonly isNewConnection: boolean
}

/** A worker that ended without warning. */
export interface Death {
  readonly pid: number
  /** When it began to end: on a busy machine, a killed process takes a while to exit. */
  readonly from: number
  readonly at: number
  /**
   * When its last connection is closed. A primary that hands them out keeps each until it has read that the worker has it:
   * if it is suspended, until it goes on.
   */
  readonly closedAt: number
  /** Whether its primary hands out the connections, and not the kernel. */
  readonly isHandedConnections: boolean
}

/** A time in which no worker serves. */
export interface Outage {
  readonly from: number
  /** Infinity while it lasts. */
  readonly until: number
  /** Whether the primary was killed. */
  readonly wasKilled: boolean
}

export interface Verdict {
  readonly notAccepted: number
  readonly excused: number
  readonly violations: readonly Failure[]
}

/** How far apart one process can see simultaneous events on several sockets, in ms. */
export const momentMs = 250

/** The longest wait of a connection for a hung or suspended worker, which is killed by then, in ms. */
const longestWaitMs = 8_000

/** How long a worker that begins to serve on a busy machine may take to answer what has waited for it, in ms. */
const answerMs = 3_000

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
        : failure.how === "broken" && isBreakExcused(failure.failedAt, failure.pid, deaths, outages)
    ) {
      excused += 1
    } else violations.push(failure)
  }
  return { notAccepted, excused, violations }
}

function wasNotAccepted(failure: Failure, outages: readonly Outage[]): boolean {
  const { how, pid, isNewConnection, startedAt, failedAt } = failure
  if (pid !== undefined || !isNewConnection) return false
  return outages.some((outage) =>
    how === "hung"
      ? outage.from <= startedAt + longestWaitMs && outage.until >= failedAt - answerMs
      : isWithin(failedAt, outage),
  )
}

/**
 * Whether a connection may break at that moment.
 *
 * @param pid the worker that is known to have it.
 */
export function isBreakExcused(
  at: number,
  pid: number | undefined,
  deaths: readonly Death[],
  outages: readonly Outage[],
): boolean {
  if (outages.some((outage) => outage.wasKilled && isWithin(at, outage))) return true
  return deaths.some(
    (death) =>
      (pid === undefined || death.pid === pid) &&
      at >= death.from - momentMs &&
      at <= death.closedAt + momentMs,
  )
}

/** Whether a death can have been the cause. Uses up the first such death. */
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
