/**
 * The playground's work, in a thread of its own: the first run at once, and then many, for the figures.
 */
import { type ReplayedStep } from "../../src/core/run.ts"
import { type AllFigures, figuresOf, type RunFigures, together } from "./figures.ts"
import { outages, timesOf } from "./outages.ts"
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
    }

const runs = 200
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
    const figures = figuresOf(steps, plan(1).workers, times.endAt, hanging)
    say({ type: "run", id, set, steps, figures })
  }
  for (const [set, plan] of plans.entries()) {
    const all: RunFigures[] = []
    for (let seed = 1; seed <= runs; seed += 1) {
      const hanging: Hanging[] = []
      const steps = runOnce(plan(seed), outage, times, seed, hanging)
      all.push(figuresOf(steps, plan(seed).workers, times.endAt, hanging))
      if (seed % 5 !== 0) continue
      // Something else may be asked for meanwhile.
      await new Promise((resolve) => setTimeout(resolve))
      if (id !== latest) return
    }
    say({ type: "all", id, set, figures: together(all) })
  }
}

function say(answered: Answered): void {
  self.postMessage(answered)
}
