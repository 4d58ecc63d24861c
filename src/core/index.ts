/**
 * The pure part of kamisama: given a plan, a state and an event, the next state and the commands that follow. It has no
 * clock, no processes and no promises, and runs wherever JavaScript runs.
 *
 * `lint`, `replay`, `describe`, `describeFact`, `describeCommand` and `planFrom` are stable. `step` and the form of the state
 * may still change in any release.
 *
 * @example
 * ```ts
 * import { describeCommand, initialState, planFrom, step } from "kamisama/core"
 *
 * const plan = planFrom({ workers: 2 }, { cores: () => 2, seed: 1 })
 * const { commands } = step(plan, initialState(plan), { type: "started", at: 0 })
 * console.log(commands.map(describeCommand)) // two forks, each with its reason
 * ```
 *
 * @module
 */
export { type Due, nextDeadline, nextDue } from "./deadline.ts"
export {
  describeDue,
  describeCommand,
  describeExit,
  describeFact,
  describeMs,
  describeReason,
  describeState,
} from "./describe.ts"
export type { CorrelatedFailures, Command, ReplacementFailure, Reason } from "./command.ts"
export type { StopCause } from "./state.ts"
export type { Finding, LintEnvironment } from "./lint/finding.ts"
export type { Event, Fact, WorkerFact, WorkerRef } from "./event.ts"
export { lint } from "./lint/lint.ts"
export type { PlanOptions, RespawnPolicy, StartFailurePolicy } from "./plan/options.ts"
export { type Environment, type Plan, planFrom } from "./plan/plan.ts"
export type { SignalAction, SignalMap } from "./plan/signals.ts"
export {
  type DelayedStop,
  type FinishedSlot,
  type HeldSignal,
  type Incident,
  initialState,
  isReady,
  isSettled,
  type OccupiedSlot,
  type Process,
  type Recycling,
  type Reload,
  type Replacement,
  type Retired,
  type Slot,
  type Spare,
  type State,
  type Stop,
  type Successor,
  type Uptime,
  type WaitingSlot,
  type Worker,
  type WorkerStop,
} from "./state.ts"
export { coreVersion } from "./recording/recording.ts"
export { replay, type Replayed, type ReplayedStep } from "./recording/replay.ts"
export { type Step, step } from "./step.ts"
export { describe } from "./recording/transcript.ts"
