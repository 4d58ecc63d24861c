/**
 * What the moves of a pool are to chance: which of them are of one kind, and what those do in a history. Decides nothing of
 * what is possible.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { MoveClass } from "../model/model.ts"
import type { PoolMove } from "./pool-world.ts"

/** A failure and a success are different kinds of the same fact. */
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

/** What ought to change nothing; and a pool that never starts, as little is seen of that. */
const noise: readonly string[] = ["again", "early", "ignore", "start-failed"]

export function classOf(kind: string): MoveClass {
  if (kind === "started") return "start"
  if (progress.includes(kind)) return "progress"
  if (noise.includes(kind)) return "no-op"
  if (kind === "late") return "late"
  return kind === "stop" ? "end" : "frequent-disturbance"
}
