/**
 * Routes each event to the file that decides. Decides nothing itself.
 */
import { deadlineReached } from "./deadline.ts"
import type { Command } from "./command.ts"
import type { Event } from "./event.ts"
import { grantLeadership, leadershipRequested } from "./leader.ts"
import type { Plan } from "./plan/plan.ts"
import { continueRecycling, recycleRequested, workerMeasured } from "./recycle.ts"
import { continueReload, reloadRequested } from "./reload.ts"
import { scaleDown, scaleTo, scaleUp } from "./scale.ts"
import { forkFailed, started, workerBecameReady, workerExited, workerSaidHello } from "./slot.ts"
import { workerSentHeartbeat } from "./heartbeat.ts"
import type { State } from "./state.ts"
import { finishIfOver, startFailed, stopRequested, workerWasSignaled } from "./stop.ts"
import type { Transition } from "./transition.ts"

/** What an event led to. */
export interface Step {
  /** The state from now on: the very same object where nothing has changed. */
  readonly state: State
  /** What is to be done, in this order. */
  readonly commands: readonly Command[]
}

/** Takes in one event. Total: there is no event that a state does not understand. Never writes to its arguments. */
export function step(plan: Plan, state: State, event: Event): Step {
  if (state.phase === "done") return { state, commands: [] }
  const transition: Transition = { plan, at: event.at, state, commands: [] }
  decide(transition, event)
  continueReload(transition)
  // What is due waits for its wake-up; what becomes possible does not.
  if (transition.state !== state || event.type === "deadline-reached") continueRecycling(transition)
  grantLeadership(transition)
  finishIfOver(transition)
  return { state: transition.state, commands: transition.commands }
}

function decide(transition: Transition, event: Event): void {
  switch (event.type) {
    case "started":
      return started(transition)
    case "start-failed":
      return startFailed(transition)
    case "worker-said-hello":
      return workerSaidHello(transition, event.worker)
    case "worker-became-ready":
      return workerBecameReady(transition, event.worker)
    case "worker-sent-heartbeat":
      return workerSentHeartbeat(transition, event.worker)
    case "worker-measured":
      return workerMeasured(transition, event.worker, event.memoryBytes)
    case "worker-asked-for-replacement":
      return recycleRequested(transition, event.worker)
    case "worker-asked-for-leadership":
      return leadershipRequested(transition, event.worker)
    case "worker-exited":
      return workerExited(transition, event.worker, event.code, event.signal)
    case "fork-failed":
      return forkFailed(transition, event.worker)
    case "worker-was-signaled":
      return workerWasSignaled(transition, event.worker, event.signal)
    case "signal-received":
      return signalReceived(transition, event.signal)
    case "stop-requested":
      return stopRequested(transition, event.signal)
    case "scale-requested":
      return scaleTo(transition, event.target)
    case "reload-requested":
      return reloadRequested(transition)
    case "deadline-reached":
      return deadlineReached(transition)
  }
}

function signalReceived(transition: Transition, signal: string): void {
  switch (transition.plan.signals[signal]) {
    case "stop":
      return stopRequested(transition, signal)
    case "scale-up":
      return scaleUp(transition)
    case "scale-down":
      return scaleDown(transition)
    case "reload":
      return reloadRequested(transition)
    case "ignore":
    case undefined:
      return
  }
}
