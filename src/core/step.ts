/**
 * One step: an event goes to the policy that it concerns, and then what couples the policies runs, in one order.
 *
 * A policy acts on what its event is about and notes what failed. The order below is not free: a failed reload
 * must be aborted before a respawn is forked, because workers that are forked during a reload have a limit to become ready.
 */
import type { Command } from "./command.ts"
import { deadlineReached } from "./deadline.ts"
import { workerWasSignaled } from "./direct-signal.ts"
import type { Event } from "./event.ts"
import { workerSentHeartbeat } from "./heartbeat.ts"
import { grantLeadership, leadershipRequested } from "./leader.ts"
import type { Plan } from "./plan/plan.ts"
import {
  continueRecycling,
  postponeRecycling,
  recycleRequested,
  workerMeasured,
  workerServedRequests,
} from "./recycle.ts"
import { abortReload, continueReload, reloadRequested } from "./reload.ts"
import { runsNewCode } from "./replacement.ts"
import { scaleDown, scaleTo, scaleUp } from "./scale.ts"
import {
  forkDueSlots,
  forkFailed,
  started,
  workerBecameReady,
  workerExited,
  workerSaidHello,
} from "./slot.ts"
import { keepSpares } from "./spares.ts"
import { giveUpIfNothingStarts } from "./start-failure.ts"
import type { State } from "./state.ts"
import { finishIfOver, startFailed } from "./stop.ts"
import { stopRequested } from "./stop-delay.ts"
import { beginTransition, refOf, type Transition } from "./transition.ts"
import {
  continueUpgrade,
  successorBecameReady,
  successorEnded,
  upgradeRequested,
} from "./upgrade.ts"

/** What an event led to. */
export interface Step {
  /** The state from now on: the very same object if nothing has changed. */
  readonly state: State
  /** What is to be done, in this order. */
  readonly commands: readonly Command[]
}

/**
 * Takes in one event, in whatever order they come. Never writes to its arguments.
 *
 * @throws {Error} if the event is about a worker that was never forked: no platform can report that.
 */
export function step(plan: Plan, state: State, event: Event): Step {
  if (state.phase === "done") return { state, commands: [] }
  const transition = beginTransition(plan, state, event.at)
  decide(transition, event)
  judgeFailures(transition)
  giveUpIfNothingStarts(transition)
  forkDueSlots(transition)
  continueReload(transition)
  continueUpgrade(transition)
  // An event that changes nothing starts nothing either: what has become due waits for its wake-up.
  if (transition.state !== state || event.type === "deadline-reached") {
    continueRecycling(transition)
    keepSpares(transition)
  }
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
      return workerSentHeartbeat(transition, event.worker, event.agoMs)
    case "worker-measured":
      return workerMeasured(transition, event.worker, event.memoryBytes)
    case "worker-served-requests":
      return workerServedRequests(transition, event.worker, event.requests)
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
    case "upgrade-requested":
      return upgradeRequested(transition)
    case "successor-became-ready":
      return successorBecameReady(transition)
    case "successor-exited": {
      const { code, signal } = event
      return successorEnded(transition, { rule: "successor-exited", code, signal })
    }
    case "successor-failed":
      return successorEnded(transition, { rule: "successor-failed", error: event.error })
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
    case "upgrade":
      return upgradeRequested(transition)
    case "ignore":
    case undefined:
      return
  }
}

/**
 * A worker that runs the new code has failed: the reload is aborted, unless the worker ended because it was asked to. A
 * replacement that was to recycle a worker has failed: that is tried again later.
 */
function judgeFailures(transition: Transition): void {
  for (const { process, how } of transition.failures) {
    const { role, slot, worker } = process
    if (runsNewCode(transition.state, worker)) {
      if (role !== "replacement" && worker.stop !== null && !worker.killed) continue
      abortReload(transition, {
        rule: "replacement-failed",
        worker: refOf(process),
        failure: how,
      })
    } else if (role === "replacement") {
      postponeRecycling(transition, slot)
    }
  }
}
