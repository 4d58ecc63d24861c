/**
 * The verdict on a run of a user's program: a rule is broken, the user's own code has found a violation, or a worker did not exit
 * by itself although no fault exempts it. If there are several, the first of these is reported.
 */
import { describeMs, describeReason } from "../../core/describe.ts"
import { checkLog } from "../rules/check-log.ts"
import { named } from "../rules/process-record.ts"
import { isFinished, isOver, type ProgramWorld } from "./program-world.ts"

export interface Conditions {
  /** How long the log was when faults ended. */
  readonly recoveredFrom: number
  /** Whether the pool was stopped after that, when it had recovered. */
  readonly wasStopped: boolean
  /** Whether workers must exit by themselves. */
  readonly isGraceful: boolean
}

export interface Verdict {
  readonly violation: string | undefined
  readonly cause?: unknown
  /** The entry of the log at which it shows; undefined if there is none. */
  readonly index?: number | undefined
}

export function verdictOf(world: ProgramWorld, conditions: Conditions): Verdict {
  const { system, failure, suspendedMs, primaryKilledAt } = world
  const isComplete = failure === undefined && primaryKilledAt === null && isOver(world)
  const [violation] = checkLog(system.os.log, { slackMs: suspendedMs, isComplete })
  if (violation !== undefined) {
    return { violation: `rule ${violation.rule}: ${violation.text}`, index: violation.index }
  }
  const forced = conditions.isGraceful ? forcedEnd(world) : undefined
  if (forced !== undefined) return forced
  if (failure !== undefined) return { violation: failure.text, cause: failure.cause }
  return { violation: wrongEnd(world, conditions) }
}

/** A worker that was killed although it had its whole time to exit, and is not exempt. */
function forcedEnd({ system: { os }, exempt, plan, overdue }: ProgramWorld): Verdict | undefined {
  const { timeoutMs } = plan
  const askedAt = new Map<number, number>()
  const describe = (incarnation: number, slot: number): string =>
    `${named({ slot, incarnation })} had not ended by itself ${describeMs(timeoutMs)} after it was asked to`
  for (const [index, entry] of os.log.entries()) {
    if (entry.kind !== "command") continue
    const { at, command } = entry
    if (command.type === "stop-worker") askedAt.set(command.worker.incarnation, at)
    if (command.type !== "kill-worker" || command.reason.rule !== "stop-timeout") continue
    const { slot, incarnation } = command.worker
    const hadMs = at - (askedAt.get(incarnation) ?? at)
    if (hadMs >= timeoutMs && !exempt.has(incarnation)) {
      return { violation: describe(incarnation, slot), index }
    }
  }
  const [left] = overdue
  return left === undefined
    ? undefined
    : {
        violation: `worker #${left} had not ended by itself ${describeMs(timeoutMs)} after its primary had died`,
      }
}

/** What went wrong after faults had ended. */
function wrongEnd(
  world: ProgramWorld,
  { recoveredFrom, wasStopped, isGraceful }: Conditions,
): string | undefined {
  const { os } = world.system
  const started = new Set<number>()
  let hasFailed = false
  for (const entry of os.log.slice(recoveredFrom)) {
    if (entry.kind === "event" && entry.event.type === "worker-exited") {
      const { worker, code } = entry.event
      hasFailed ||= code !== 0 && started.has(worker.incarnation)
    }
    if (entry.kind !== "command") continue
    const { command } = entry
    if (command.type === "fork-worker") started.add(command.worker.incarnation)
    if (command.type === "stop-worker") started.delete(command.worker.incarnation)
    if (command.type === "announce-give-up" && hasFailed) {
      return "it gave up after faults had ended"
    }
    if (command.type !== "finish") continue
    const { rule } = command.reason
    if (rule === "start-failed") return "it did not start after faults had ended"
    // A worker that is finished by its respawn policy may have failed before.
    const isOwnFault = wasStopped || (rule === "all-finished" && hasFailed)
    if (isGraceful && isOwnFault && command.code !== 0) {
      return `it ended with code ${command.code} after faults had ended: ${describeReason(command.reason)}`
    }
  }
  if (!isOver(world)) return isFinished(world) ? "workers outlive their primary" : "it never ended"
  const left = os.pendingTimers
  return left === 0 ? undefined : `rule 16: ${left} timers are left`
}
