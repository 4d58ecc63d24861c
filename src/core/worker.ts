/**
 * What can be done to one process: fork it, stop it, kill it. When each of these happens is up to the policies.
 */
import type { Reason } from "./command.ts"
import type { Plan } from "./plan/plan.ts"
import { isLeaving, type Process, type Worker, type WorkerStop } from "./state.ts"
import { occupySlot, putWorker, refOf, type Transition, without } from "./transition.ts"

/** Fills a slot that is free or waiting with a new current process: a spare, if there is one. */
export function fillSlot(
  transition: Transition,
  id: number,
  attempt: number,
  reason: Reason,
): void {
  occupySlot(
    transition,
    id,
    attempt,
    beginWorker(transition, id, startDeadline(transition), reason),
  )
}

/** Starts a replacement beside the current process of a slot. It cannot take forever to become ready. */
export function startReplacement(transition: Transition, slot: number, reason: Reason): void {
  const { plan, at } = transition
  const worker = beginWorker(transition, slot, at + startLimitMs(plan), reason)
  const { state } = transition
  const replacements = [...state.replacements, { slot, worker, acceptAt: null }]
  transition.state = { ...state, replacements }
}

/** Forks a spare. It cannot take forever to load the program. */
export function forkSpare(transition: Transition, reason: Reason): void {
  const { plan, at } = transition
  const worker = forkWorker(transition, 0, at + startLimitMs(plan), reason)
  const { state } = transition
  transition.state = { ...state, spares: [...state.spares, { worker }] }
}

/**
 * A process that becomes the worker of a slot: a spare, which begins at once, or a new one. A spare always has a limit, because it
 * may have hung while it waited.
 */
function beginWorker(
  transition: Transition,
  slot: number,
  timeoutAt: number | null,
  reason: Reason,
): Worker {
  const spare = takeSpare(transition)
  if (spare === undefined) return forkWorker(transition, slot, timeoutAt, reason)
  const { incarnation } = spare
  transition.commands.push({ type: "run-worker", worker: { slot, incarnation }, reason })
  const limitAt = timeoutAt ?? transition.at + startLimitMs(transition.plan)
  return { ...spare, phase: "starting", timeoutAt: limitAt }
}

/** Takes the oldest spare that has loaded the program. It is none from now on. */
function takeSpare(transition: Transition): Worker | undefined {
  const { state } = transition
  const spare = state.spares.find(
    ({ worker }) => worker.phase === "loaded" && !isLeaving(worker),
  )?.worker
  if (spare === undefined) return undefined
  transition.state = { ...state, spares: without(state.spares, spare), spareBackoff: null }
  return spare
}

function forkWorker(
  transition: Transition,
  slot: number,
  timeoutAt: number | null,
  reason: Reason,
): Worker {
  const incarnation = transition.state.nextIncarnation
  transition.state = { ...transition.state, nextIncarnation: incarnation + 1 }
  transition.commands.push({ type: "fork-worker", worker: { slot, incarnation }, reason })
  return {
    incarnation,
    phase: "booting",
    timeoutAt,
    readyAt: null,
    hasFitted: false,
    recycling: null,
    leader: "no",
    signaled: null,
    stop: null,
    killed: false,
  }
}

/**
 * Lets a process finish: it is asked to stop, and need not become ready in time or send heartbeats anymore. One that boots
 * cannot hear, and has nothing to shut down: it is killed. The callers make sure that no process is stopped twice.
 */
export function stopWorker(transition: Transition, process: Process, stop: WorkerStop): void {
  const { worker } = process
  const { signal, cause } = stop
  const leaving: Worker = { ...worker, timeoutAt: null, signaled: null, stop }
  if (worker.phase === "booting") {
    const reason: Reason = { rule: "stop-while-booting", cause, signal }
    return killWorker(transition, { ...process, worker: leaving }, reason)
  }
  putWorker(transition, process, leaving)
  const reason: Reason = { rule: "stop", cause, signal }
  transition.commands.push({ type: "stop-worker", worker: refOf(process), signal, cause, reason })
}

/** Kills a process. From now on only its exit matters. */
export function killWorker(transition: Transition, process: Process, reason: Reason): void {
  putWorker(transition, process, {
    ...process.worker,
    timeoutAt: null,
    signaled: null,
    killed: true,
  })
  transition.commands.push({ type: "kill-worker", worker: refOf(process), reason })
}

/** When a process that is forked into a slot now is killed unless it is ready. During a reload there is always a limit. */
function startDeadline({ plan, state, at }: Transition): number | null {
  const isLimited = plan.startTimeoutMs !== false || state.reload !== null
  return isLimited ? at + startLimitMs(plan) : null
}

/** How long a process has to become ready if its start is limited. */
export function startLimitMs({ startTimeoutMs, reloadStartTimeoutMs }: Plan): number {
  return startTimeoutMs === false ? reloadStartTimeoutMs : startTimeoutMs
}

/** When a worker that has sent a heartbeat so long ago is killed unless it sends another one; null if none is expected. */
export function heartbeatDeadline({ plan, at }: Transition, agoMs: number): number | null {
  const { heartbeatTimeoutMs, heartbeatGraceMs } = plan
  return heartbeatTimeoutMs === false ? null : at - agoMs + heartbeatTimeoutMs + heartbeatGraceMs
}
