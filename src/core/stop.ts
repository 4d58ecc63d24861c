/**
 * The stop of the pool: who is asked, once; when what has not ended is killed; and when the pool is done.
 *
 * The first stop counts. It asks every worker that was not asked before, and nothing that arrives later changes it: not
 * the signal, not the time of a kill, not the rule of the exit code. Whether it waits is up to stop-delay.ts.
 */
import type { Reason } from "./command.ts"
import { reportIncident } from "./incident.ts"
import {
  isLeaving,
  type OccupiedSlot,
  processesOf,
  replacingCount,
  type State,
  type Stop,
} from "./state.ts"
import type { Transition } from "./transition.ts"
import { killWorker, stopWorker } from "./worker.ts"

/** Ends the pool: no fork from now on, every worker is to finish. A pool that is ending already continues as it was. */
export function beginStop(
  transition: Transition,
  cause: "stop" | "give-up",
  signal: string,
  reason: Reason,
): void {
  const { plan, at, state } = transition
  if (state.phase === "stopping") return
  reportIncident(transition)
  transition.stopReason = reason
  transition.commands.push(
    cause === "give-up"
      ? { type: "announce-give-up", reason }
      : { type: "announce-stop", signal, reason },
  )
  const killAt = at + plan.timeoutMs
  const { replacements, retired } = state
  transition.state = {
    ...transition.state,
    phase: "stopping",
    slots: state.slots.flatMap((slot) => (slot.state === "occupied" ? givenUp(slot) : [])),
    replacements: [],
    spareBackoff: null,
    spareForkAt: null,
    isProgramRejected: false,
    retired: [...retired, ...replacements.map(({ slot, worker }) => ({ slot, worker }))],
    respawnedAt: [],
    failedStarts: null,
    delayedStop: null,
    stop: { cause, failed: 0, finishAt: killAt + plan.killReportMs },
  }
  for (const process of processesOf(transition.state)) {
    if (!isLeaving(process.worker)) stopWorker(transition, process, { cause, signal, killAt })
  }
}

function givenUp(slot: OccupiedSlot): OccupiedSlot {
  return { ...slot, desired: "remove", forkNotBefore: null }
}

/** Counts an exit that was a failure while the pool stops. */
export function countFailedExit(transition: Transition, stop: Stop): void {
  transition.state = { ...transition.state, stop: { ...stop, failed: stop.failed + 1 } }
}

/** Kills the processes whose time to finish is over. */
export function killOverdueWorkers(transition: Transition): void {
  const { plan, at } = transition
  for (const process of processesOf(transition.state)) {
    const { stop, killed } = process.worker
    if (killed || stop === null || stop.killAt > at) continue
    killWorker(transition, process, { rule: "stop-timeout", timeoutMs: plan.timeoutMs })
    extendFinish(transition)
  }
}

/** After a late kill the exit may take as long to be reported as after one in time. */
export function extendFinish(transition: Transition): void {
  const { stop } = transition.state
  if (stop === null) return
  const finishAt = Math.max(stop.finishAt, transition.at + transition.plan.killReportMs)
  transition.state = { ...transition.state, stop: { ...stop, finishAt } }
}

/** Ends the pool if there is nothing left to wait for. Runs at the end of every step. */
export function finishIfOver(transition: Transition): void {
  const { state, plan } = transition
  const { phase, stop, successor } = state
  if (phase === "stopping" && stop !== null) {
    const processes = processesOf(state)
    const areKilled =
      processes.every(({ worker }) => worker.killed) && successor?.phase !== "stopping"
    const isGivenUp = stop.cause === "give-up"
    if (!plan.waitForWorkers) {
      finish(transition, isGivenUp ? 1 : 0, { rule: "not-waiting" })
    } else if (processes.length === 0 && successor === null) {
      const code = isGivenUp || stop.failed > 0 ? 1 : 0
      finish(transition, code, { rule: "all-stopped", failed: stop.failed })
    } else if (stop.finishAt <= transition.at && areKilled) {
      finish(transition, 1, { rule: "exits-unreported", workers: processes.length })
    }
  } else if (phase === "running" && isFinished(state)) {
    reportIncident(transition)
    const { hasFailedFinal: failed } = state
    finish(transition, failed ? 1 : 0, { rule: "all-finished", failed })
  }
}

/** Whether the respawn policy has let every slot finish, and no process is left. */
function isFinished(state: State): boolean {
  const { spares, slots } = state
  if (replacingCount(state) > 0 || spares.length > 0) return false
  return slots.every(({ state }) => state === "finished")
}

/** What must precede the first fork has failed: there is nothing to stop. */
export function startFailed(transition: Transition): void {
  if (transition.state.phase === "starting") finish(transition, 1, { rule: "start-failed" })
}

function finish(transition: Transition, code: 0 | 1, reason: Reason): void {
  transition.state = {
    ...transition.state,
    phase: "done",
    slots: [],
    replacements: [],
    spares: [],
    spareBackoff: null,
    spareForkAt: null,
    isProgramRejected: false,
    retired: [],
    respawnedAt: [],
    reload: null,
    successor: null,
    delayedStop: null,
    stop: null,
    hasFailedFinal: false,
    failedStarts: null,
  }
  transition.commands.push({ type: "finish", code, reason })
}
