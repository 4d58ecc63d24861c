/**
 * The stop of a worker whose program listens to the stop signal itself: what is waited for, and when the worker ends. A pure
 * reducer, a part of life.ts.
 *
 * The listeners are called, and every request is answered. The program says that it is done by ending its process, or by the
 * promises that its listeners return. If it says neither but has started something, the worker waits until nothing keeps the process
 * alive, or its time is over. Then what `run` returned is closed, unless the program has ended its process. See
 * docs/decisions/own-signals.md.
 */

/** How far such a stop is. */
export interface OwnStop {
  readonly step: "calling" | "waiting-for-run" | "draining" | "drained" | "closing"
  /** Whether a promise of a listener is pending. */
  readonly isPending: boolean
  /** Whether work may be left that no promise tells of, so that nobody knows when it is done. */
  readonly isUntold: boolean
  /** Whether the program has ended its process, as far as it knows. */
  readonly isLeaving: boolean
  /** Whether the end of the work is watched for. */
  readonly isWatched: boolean
}

/** What happens during such a stop. */
export type OwnStopEvent =
  /** The listeners were called. `untold`: work may be left that no promise tells of. */
  | { readonly type: "listeners-called"; readonly pending: boolean; readonly untold: boolean }
  /** The promises that they returned have resolved. */
  | { readonly type: "listeners-settled" }
  /** The program ends its process, with this code. */
  | { readonly type: "exit-requested"; readonly code: number }
  | { readonly type: "run-settled" }
  | { readonly type: "drained" }
  | { readonly type: "closed" }
  /** Nothing keeps the process alive. */
  | { readonly type: "idle" }
  /** The time for the listeners is over. */
  | { readonly type: "overdue" }

/** What follows. `exit-at-once`: the program gives up, so nothing is waited for. */
export type OwnStopCommand =
  | { readonly type: "begin-stopping" }
  | { readonly type: "drain" }
  | { readonly type: "close-returned" }
  /** Report when nothing keeps the process alive, and when the time is over. */
  | { readonly type: "watch-listeners" }
  | { readonly type: "warn-of-listeners"; readonly problem: "pending" | "untold" }
  | { readonly type: "exit" }
  | { readonly type: "exit-at-once"; readonly code: number }

export interface OwnStopStep {
  readonly own: OwnStop
  readonly commands: readonly OwnStopCommand[]
}

export const initialOwnStop: OwnStop = {
  step: "calling",
  isPending: false,
  isUntold: false,
  isLeaving: false,
  isWatched: false,
}

/**
 * Takes in one event.
 *
 * @param run what `run` does: it is `done`, or will `end` by itself because of the stop, or `stays` pending.
 */
export function stepOwnStop(
  own: OwnStop,
  event: OwnStopEvent,
  run: "done" | "ends" | "stays",
): OwnStopStep {
  switch (event.type) {
    case "listeners-called": {
      const { pending: isPending, untold: isUntold } = event
      const called: OwnStop = { ...own, isPending, isUntold }
      const begin: OwnStopCommand = { type: "begin-stopping" }
      return run === "ends" && !own.isLeaving
        ? { own: { ...called, step: "waiting-for-run" }, commands: [begin] }
        : { own: { ...called, step: "draining" }, commands: [begin, { type: "drain" }] }
    }
    case "listeners-settled":
      return proceed({ ...own, isPending: false }, run)
    case "exit-requested":
      // For the program, nothing comes after its exit.
      if (own.isLeaving) return { own, commands: [] }
      if (event.code !== 0) return { own, commands: [{ type: "exit-at-once", code: event.code }] }
      return proceed({ ...own, isLeaving: true }, run)
    case "run-settled":
      return proceed(own, run)
    case "drained":
      return proceed({ ...own, step: "drained" }, run)
    case "closed":
      return { own, commands: [{ type: "exit" }] }
    case "idle":
      return proceed({ ...own, isPending: false, isUntold: false }, run)
    case "overdue": {
      if (own.isPending)
        return { own, commands: [{ type: "warn-of-listeners", problem: "pending" }] }
      if (own.step !== "drained") return { own, commands: [] }
      const { own: next, commands } = proceed({ ...own, isUntold: false }, run)
      return {
        own: next,
        commands: [{ type: "warn-of-listeners", problem: "untold" }, ...commands],
      }
    }
  }
}

function proceed(own: OwnStop, run: "done" | "ends" | "stays"): OwnStopStep {
  switch (own.step) {
    case "waiting-for-run":
      return run === "ends" && !own.isLeaving
        ? { own, commands: [] }
        : { own: { ...own, step: "draining" }, commands: [{ type: "drain" }] }
    case "drained":
      // While run is pending, it has returned nothing to close.
      if (own.isLeaving) return { own, commands: [{ type: "exit" }] }
      if (own.isPending || own.isUntold) return watch(own)
      return run === "done"
        ? { own: { ...own, step: "closing" }, commands: [{ type: "close-returned" }] }
        : { own, commands: [{ type: "exit" }] }
    default:
      return { own, commands: [] }
  }
}

function watch(own: OwnStop): OwnStopStep {
  if (own.isWatched) return { own, commands: [] }
  return { own: { ...own, isWatched: true }, commands: [{ type: "watch-listeners" }] }
}
