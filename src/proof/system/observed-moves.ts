/**
 * What the log of a process explains: moves that may happen at any moment, but are tried only where the log tells of them (see
 * expectation.ts).
 */
import type { WorkerFact } from "../../core/event.ts"
import type { WorkerMessage } from "../../platform/wire.ts"
import type { Draft } from "./draft.ts"
import { processMoves, type ProcessMove } from "./process-moves.ts"
import { reportForkFailed } from "./primary-side.ts"
import type { Process, Side } from "./system-world.ts"
import { take } from "./worker-side.ts"

/** A move that leads to an event of the log. */
export interface ObservedMove {
  readonly name: string
  readonly isPossible: (process: Process, next: WorkerFact) => boolean
  readonly perform: (draft: Draft, at: number, next: WorkerFact) => void
}

/** The moves of the model by which a process sends something again and again, and what it sends. */
export const sendingMoves: ReadonlyMap<string, WorkerFact["type"]> = new Map([
  ["sends a heartbeat", "worker-sent-heartbeat"],
  ["takes too much memory", "worker-measured"],
  ["has served its requests", "worker-served-requests"],
] as const)

/** Those of the model that the log does not tell of, or will. */
export function hiddenMoves(facts: readonly WorkerFact[]): readonly ProcessMove[] {
  return processMoves.filter(({ name }) => {
    const sent = sendingMoves.get(name)
    return sent === undefined || facts.some(({ type }) => type === sent)
  })
}

const isActive = (side: Side | null): side is Side => side !== null && side.leaving === null

/** What the code of the program asks for. It may ask again. */
function asks(type: "worker-asked-for-replacement" | "worker-asked-for-leadership"): ObservedMove {
  const message: Extract<WorkerMessage, { readonly type: typeof type }> = { type }
  return {
    name: type,
    isPossible: (process, next) =>
      next.type === type && isActive(process.side) && process.side.run !== "uncalled",
    perform: (draft, at) => take(draft, at, { type: "asked", message }),
  }
}

export const observedMoves: readonly ObservedMove[] = [
  asks("worker-asked-for-replacement"),
  asks("worker-asked-for-leadership"),
  {
    name: "is sent a signal",
    isPossible: (process, next) =>
      next.type === "worker-was-signaled" &&
      process.os === "running" &&
      !process.pending.includes(next.signal),
    perform(draft, at, next) {
      if (next.type === "worker-was-signaled") draft.signal(at, next.signal)
    },
  },
  {
    // A fork may be refused late. What is ordered meanwhile reaches nobody.
    name: "was never forked",
    isPossible: ({ os }, next) => next.type === "fork-failed" && os === "booting",
    perform: (draft, at) => draft.change(at, { os: "dead", isConnected: false }),
  },
  {
    name: "is reported not to be forked",
    isPossible: ({ os, exit, link }, next) =>
      next.type === "fork-failed" && os === "dead" && exit === null && !link.isDead,
    perform: reportForkFailed,
  },
  {
    // By its program, an error or anybody's signal. A program that leaves can still be killed.
    name: "ends by itself",
    isPossible: ({ os, side }, next) =>
      next.type === "worker-exited" &&
      os !== "dead" &&
      (next.signal !== null || side === null || side.leaving === null),
    perform(draft, at, next) {
      if (next.type === "worker-exited") draft.die(at, next.code, next.signal, "crash")
    },
  },
]

/** What a process does with an exit code of its own. The model has 0 and 1. */
export const endings: readonly ProcessMove[] = [
  {
    name: "has nothing to do, with its exit code",
    comes: "or not",
    isPossible: ({ side }, { bounds }) =>
      isActive(side) && side.isWatchedForIdleness && bounds.program.exitCode !== 0,
    perform: (draft, at) => take(draft, at, { type: "idle", code: codeIn(draft) }),
  },
  {
    name: "ends its process in its listener, with its exit code",
    comes: "or not",
    isPossible: ({ side }, { bounds }) =>
      isActive(side) && side.listeners !== "uncalled" && bounds.program.exitCode !== 0,
    perform: (draft, at) => take(draft, at, { type: "exit-requested", code: codeIn(draft) }),
  },
]

function codeIn({ bounds }: Draft): number {
  return bounds.program.exitCode ?? 0
}
