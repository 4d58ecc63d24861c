/**
 * Routes each event to the file that decides. Decides nothing itself.
 */
import { deadlineReached } from "./deadline.ts"
import type { Effect } from "./command.ts"
import type { Event } from "./event.ts"
import { continueExclusivity, exclusivityRequested } from "./leader.ts"
import type { Plan } from "./plan/plan.ts"
import { continueRecycling, recycleRequested, workerMeasured } from "./recycle.ts"
import { continueReload, reloadRequested } from "./reload.ts"
import { scaleDown, scaleTo, scaleUp } from "./scale.ts"
import { forkFailed, started, workerBecameReady, workerExited, workerSaidHello } from "./slot.ts"
import { workerAnswered } from "./heartbeat.ts"
import type { State } from "./state.ts"
import { finishIfOver, startFailed, stopRequested, workerWasSignalled } from "./stop.ts"
import type { Turn } from "./transition.ts"

/** What an event led to. */
export interface Step {
  /** The state from now on: the very same object where nothing has changed. */
  readonly state: State
  /** What is to be done, in this order. */
  readonly effects: readonly Effect[]
}

/** Takes in one event. Total: there is no event that a state does not understand. Never writes to its arguments. */
export function step(plan: Plan, state: State, event: Event): Step {
  if (state.phase === "done") return { state, effects: [] }
  const turn: Turn = { plan, at: event.at, state, effects: [] }
  decide(turn, event)
  continueReload(turn)
  // What is due waits for its wake-up; what becomes possible does not.
  if (turn.state !== state || event.type === "deadline-reached") continueRecycling(turn)
  continueExclusivity(turn)
  finishIfOver(turn)
  return { state: turn.state, effects: turn.effects }
}

function decide(turn: Turn, event: Event): void {
  switch (event.type) {
    case "started":
      return started(turn)
    case "start-failed":
      return startFailed(turn)
    case "worker-said-hello":
      return workerSaidHello(turn, event.worker)
    case "worker-became-ready":
      return workerBecameReady(turn, event.worker)
    case "worker-answered":
      return workerAnswered(turn, event.worker)
    case "worker-measured":
      return workerMeasured(turn, event.worker, event.memoryBytes)
    case "worker-asked-for-replacement":
      return recycleRequested(turn, event.worker)
    case "worker-asked-for-exclusivity":
      return exclusivityRequested(turn, event.worker)
    case "worker-exited":
      return workerExited(turn, event.worker, event.code, event.signal)
    case "fork-failed":
      return forkFailed(turn, event.worker)
    case "worker-was-signalled":
      return workerWasSignalled(turn, event.worker, event.signal)
    case "signal-received":
      return signalReceived(turn, event.signal)
    case "stop-requested":
      return stopRequested(turn, event.signal)
    case "scale-requested":
      return scaleTo(turn, event.target)
    case "reload-requested":
      return reloadRequested(turn)
    case "deadline-reached":
      return deadlineReached(turn)
  }
}

function signalReceived(turn: Turn, signal: string): void {
  switch (turn.plan.signals[signal]) {
    case "stop":
      return stopRequested(turn, signal)
    case "scale-up":
      return scaleUp(turn)
    case "scale-down":
      return scaleDown(turn)
    case "reload":
      return reloadRequested(turn)
    case "ignore":
    case undefined:
      return
  }
}
