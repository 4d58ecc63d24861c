/**
 * An upgrade: a new primary, made of what is on disk now, takes over from this one. It is started beside this pool, on the same
 * sockets, and brings workers of its own. Once they are ready, this pool stops, and has handed over.
 *
 * Decides when the successor is started and ended. If it exits, cannot be started or is late, it is ended and this pool serves on. If
 * this pool is to stop before, the successor is ended, too, and waited for: in the end exactly one of the two accepts connections, or
 * none if that was asked for.
 */
import type { Reason } from "./command.ts"
import { isStopping } from "./state.ts"
import { beginStop, extendFinish } from "./stop.ts"
import type { Transition } from "./transition.ts"

/** Starts the successor. Before the first fork, once the pool is to stop and while there is one already, that is no use. */
export function upgradeRequested(transition: Transition): void {
  const { plan, at, state } = transition
  if (state.phase !== "running" || isStopping(state) || state.successor !== null) return
  const reason: Reason = { rule: "upgrade" }
  transition.commands.push({ type: "announce-upgrade", phase: "started", reason })
  transition.commands.push({ type: "start-successor", reason })
  const dueAt = at + plan.upgradeTimeoutMs
  transition.state = { ...state, successor: { phase: "starting", dueAt } }
}

/** The workers of the successor are ready: this pool stops, and leaves the sockets to it. */
export function successorBecameReady(transition: Transition): void {
  const { state } = transition
  if (state.successor?.phase !== "starting") return
  const reason: Reason = { rule: "handed-over" }
  transition.state = { ...state, successor: null }
  transition.commands.push({ type: "announce-upgrade", phase: "finished", reason })
  beginStop(transition, "stop", "SIGTERM", reason)
}

/** The successor is dead, or was never started. */
export function successorEnded(transition: Transition, reason: Reason): void {
  const { successor } = transition.state
  if (successor === null) return
  transition.state = { ...transition.state, successor: null }
  if (successor.phase === "starting") abort(transition, reason)
}

/** Ends a successor that has become ready too late, or does not end. */
export function judgeSuccessor(transition: Transition): void {
  const { plan, at, state } = transition
  const { successor } = state
  if (successor === null || successor.dueAt === null || successor.dueAt > at) return
  if (successor.phase === "starting") {
    const { upgradeTimeoutMs } = plan
    return endSuccessor(transition, { rule: "successor-late", upgradeTimeoutMs })
  }
  const reason: Reason = { rule: "stop-timeout", timeoutMs: plan.timeoutMs }
  transition.state = { ...state, successor: { phase: "killed", dueAt: null } }
  transition.commands.push({ type: "kill-successor", reason })
  extendFinish(transition)
}

/** Ends the successor if this pool is to stop. Runs at the end of every step. */
export function continueUpgrade(transition: Transition): void {
  const { stopReason } = transition
  if (stopReason !== null) endSuccessor(transition, stopReason)
}

/** Ends a successor that starts: it is not to take over. One that is ending already continues as it was. */
function endSuccessor(transition: Transition, reason: Reason): void {
  const { plan, at, state } = transition
  if (state.successor?.phase !== "starting") return
  // It stops its workers as any pool does.
  const dueAt = at + plan.timeoutMs + plan.killReportMs
  transition.state = { ...state, successor: { phase: "stopping", dueAt } }
  transition.commands.push({ type: "stop-successor", reason })
  abort(transition, reason)
}

function abort(transition: Transition, reason: Reason): void {
  transition.commands.push({ type: "announce-upgrade", phase: "aborted", reason })
}
