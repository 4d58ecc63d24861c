/**
 * What the moves of a pool are to a random run: which of them are of one kind, and what moves of a kind do in a run.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { MoveClass } from "../model/model.ts"
import type { PoolMove } from "./pool-world.ts"

/** The kind of a move. A failure and a success are different kinds, although both are exits. */
export function kindOf({ signals }: Plan, move: PoolMove): string {
  switch (move.type) {
    case "stop-requested":
      return "stop"
    case "signal-received":
      return signals[move.signal] ?? "ignore"
    case "worker-exited":
      return move.code === 0 ? "finish" : "crash"
    case "no-op":
      return move.why
    case "worker-was-signaled":
      return signals[move.signal] === "stop" ? move.type : "ignore"
    case "time-passed":
      return move.ms === 1 ? "tick" : "jump"
    default:
      return move.type
  }
}

const progress = [
  "worker-said-hello",
  "worker-became-ready",
  "worker-sent-heartbeat",
  "deadline-reached",
  "tick",
  "jump",
]

/** What should change nothing; and a pool that never starts, because little is seen of it. */
const noOps: readonly string[] = ["again", "early", "ignore", "start-failed"]

export function classOf(kind: string): MoveClass {
  if (kind === "started") return "start"
  if (progress.includes(kind)) return "progress"
  if (noOps.includes(kind)) return "no-op"
  if (kind === "late") return "late"
  return kind === "stop" ? "end" : "frequent-disturbance"
}
