/**
 * What runs have shown, in numbers: pure.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import type { ReplayedStep } from "../../src/core/run.ts"
import type { OccupiedSlot, State } from "../../src/core/state.ts"
import type { Hanging } from "./world.ts"

/** One run. */
export interface RunFigures {
  readonly respawns: number
  readonly kills: number
  /** When it gave up, in ms; null if it did not. */
  readonly gaveUpAt: number | null
  /** How many workers were ready at the worst moment after all had been. */
  readonly leastReady: number
  /** For how long fewer than all were ready, from then on. */
  readonly degradedMs: number
  /** For how long none was, while the pool lived. */
  readonly nobodyMs: number
  /** How many are ready in the end. */
  readonly readyAtLast: number
  /** How many restarts there were within the interval of the limit, at most. */
  readonly mostRespawns: number
  /** How many are ready from which moment on. */
  readonly ready: readonly (readonly [at: number, count: number])[]
}

/** All runs. */
export interface AllFigures {
  readonly runs: number
  readonly gaveUp: number
  /** The least, the median and the most. */
  readonly gaveUpAt: Spread | undefined
  readonly respawns: Spread
  readonly leastReady: Spread
  readonly degradedMs: Spread
  readonly nobodyMs: Spread
  readonly readyAtLast: Spread
}

export type Spread = readonly [least: number, median: number, most: number]

/**
 * @param endAt when the run ends, in ms.
 * @param hanging the processes that hang, each there before the step that comes after that. They serve nobody, whatever the pool
 *   takes them for.
 */
export function figuresOf(
  steps: Iterable<ReplayedStep>,
  { workers, respawnIntervalMs }: Pick<Plan, "workers" | "respawnIntervalMs">,
  endAt: number,
  hanging: readonly Hanging[] = [],
): RunFigures {
  let [respawns, kills, leastReady, degradedMs, nobodyMs, mostRespawns] = [0, 0, workers, 0, 0, 0]
  let nobodySince: number | null = null
  let latest: readonly number[] = []
  let gaveUpAt: number | null = null
  let wereAllReady = false
  let degradedSince: number | null = null
  let slots: State["slots"] = []
  const hung = new Set<number>()
  const ready: (readonly [number, number])[] = [[0, 0]]

  function look(at: number): void {
    const count = slots.filter((slot) => serves(slot) && !hung.has(slot.worker.incarnation)).length
    if (ready.at(-1)?.[1] !== count) ready.push([at, count])
    if (count > 0 && nobodySince !== null) nobodyMs += at - nobodySince
    nobodySince = count === 0 && wereAllReady ? (nobodySince ?? at) : null
    if (count >= workers) {
      wereAllReady = true
      if (degradedSince !== null) degradedMs += at - degradedSince
      degradedSince = null
    } else if (wereAllReady) {
      degradedSince ??= at
      leastReady = Math.min(leastReady, count)
    }
  }

  function hangUntil(until: number): void {
    for (const { at, incarnation } of hanging.slice(hung.size)) {
      if (at > until) return
      hung.add(incarnation)
      look(at)
    }
  }

  for (const { event, commands, state } of steps) {
    hangUntil(event.at)
    for (const command of commands) {
      if (command.type === "fork-worker" && command.reason.rule === "respawn") {
        respawns += 1
        latest = [...latest.filter((at) => at > event.at - respawnIntervalMs), event.at]
        mostRespawns = Math.max(mostRespawns, latest.length)
      }
      if (command.type === "kill-worker") kills += 1
      if (command.type === "announce-give-up") gaveUpAt ??= event.at
    }
    ;({ slots } = state)
    look(event.at)
  }
  hangUntil(endAt)
  if (!wereAllReady) leastReady = 0
  if (degradedSince !== null) degradedMs += endAt - degradedSince
  if (nobodySince !== null) nobodyMs += endAt - nobodySince
  const readyAtLast = ready.at(-1)?.[1] ?? 0
  ready.push([endAt, readyAtLast])
  return {
    respawns,
    kills,
    gaveUpAt,
    leastReady,
    degradedMs,
    nobodyMs,
    readyAtLast,
    mostRespawns,
    ready,
  }
}

function serves(slot: State["slots"][number]): slot is OccupiedSlot {
  if (slot.state !== "occupied") return false
  const { phase, stop, killed } = slot.worker
  return phase === "ready" && stop === null && !killed
}

export function together(runs: readonly RunFigures[]): AllFigures {
  const gaveUpAt = runs.flatMap((run) => run.gaveUpAt ?? [])
  return {
    runs: runs.length,
    gaveUp: gaveUpAt.length,
    gaveUpAt: gaveUpAt.length === 0 ? undefined : spreadOf(gaveUpAt),
    respawns: spreadOf(runs.map(({ respawns }) => respawns)),
    leastReady: spreadOf(runs.map(({ leastReady }) => leastReady)),
    degradedMs: spreadOf(runs.map(({ degradedMs }) => degradedMs)),
    nobodyMs: spreadOf(runs.map(({ nobodyMs }) => nobodyMs)),
    readyAtLast: spreadOf(runs.map(({ readyAtLast }) => readyAtLast)),
  }
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (index: number): number => sorted[index] ?? 0
  return [at(0), at(sorted.length >> 1), at(sorted.length - 1)]
}
