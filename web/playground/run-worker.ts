/**
 * The playground's work, in a thread of its own: the first run at once, and then many, for the figures.
 */
import type { Plan } from "../../src/core/plan/plan.ts"
import { type ReplayedStep } from "../../src/core/run.ts"
import { type AllFigures, figuresOf, type RunFigures, together } from "./figures.ts"
import { type Outage, outages, timesOf } from "./outages.ts"
import { lastingMs, read, type Settings } from "./settings.ts"
import { type Hanging, runOnce } from "./world.ts"

/** What is asked for, and a number to know the answer by. */
export interface Asked {
  readonly id: number
  readonly settings: Settings
}

/** What is answered: for one set of options, the first run or the figures of all. */
export type Answered =
  | {
      readonly type: "run"
      readonly id: number
      readonly set: number
      readonly steps: readonly ReplayedStep[]
      readonly figures: RunFigures
    }
  | {
      readonly type: "all"
      readonly id: number
      readonly set: number
      readonly figures: AllFigures
      /** The lowest limit that was tried and that the pool did not exceed; undefined if it gives up for no limit, or not. */
      readonly enough: number | undefined
    }

const runs = 200
/** How long that may take, in ms: fewer runs are enough where one is long. */
const mostMs = 6_000
/** So many runs say which limit would have been enough. */
const tries = 20
/** A picture of more events is left out: the figures have them all. */
const mostSteps = 20_000

let latest = 0

self.onmessage = (message: MessageEvent<Asked>) => void answer(message.data)

async function answer({ id, settings }: Asked): Promise<void> {
  latest = id
  const outage = outages[settings.outage]
  if (outage === undefined) return
  const times = timesOf(outage, lastingMs(settings))
  const plans = settings.sets.flatMap((texts) => {
    const given = texts && read(texts)
    return given?.ok === true ? [given.plan] : []
  })
  for (const [set, plan] of plans.entries()) {
    const hanging: Hanging[] = []
    const steps = [...runOnce(plan(1), outage, times, 1, hanging)].slice(0, mostSteps)
    const figures = figuresOf(steps, plan(1), times.endAt, hanging)
    say({ type: "run", id, set, steps, figures })
  }
  for (const [set, plan] of plans.entries()) {
    const all: RunFigures[] = []
    const until = performance.now() + mostMs
    for (let seed = 1; seed <= runs; seed += 1) {
      const hanging: Hanging[] = []
      const steps = runOnce(plan(seed), outage, times, seed, hanging)
      all.push(figuresOf(steps, plan(seed), times.endAt, hanging))
      if (performance.now() > until) break
      if (seed % 5 !== 0) continue
      // Something else may be asked for meanwhile.
      await new Promise((resolve) => setTimeout(resolve))
      if (id !== latest) return
    }
    const figures = together(all)
    const enough = figures.gaveUp === 0 ? undefined : enoughFor(plan, outage, times)
    say({ type: "all", id, set, figures, enough })
  }
}

/** The limit that some runs would have needed. */
function enoughFor(
  plan: (seed: number) => Plan,
  outage: Outage,
  times: ReturnType<typeof timesOf>,
): number | undefined {
  const needed: number[] = []
  const until = performance.now() + mostMs / 4
  for (let seed = 1; seed <= tries && performance.now() < until; seed += 1) {
    const unlimited = { ...plan(seed), respawnLimit: Infinity }
    const { gaveUpAt, mostRespawns } = figuresOf(
      runOnce(unlimited, outage, times, seed),
      unlimited,
      times.endAt,
    )
    if (gaveUpAt !== null) return undefined
    needed.push(mostRespawns)
  }
  return Math.max(...needed)
}

function say(answered: Answered): void {
  self.postMessage(answered)
}
