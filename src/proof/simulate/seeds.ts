/**
 * The runs of a simulation, one for each seed, and their sums. It asks for each run by its seed; how a run is made is left
 * to the caller, and so is the report of a failure.
 */
import type { Fields } from "../../core/plan/checks.ts"
import { positive, seed } from "../../core/plan/forms.ts"
import { mixed } from "./hash.ts"

/** How much is simulated. */
export interface SimulateOptions {
  /** How many runs. Default: 200. */
  readonly runs?: number | undefined
  /** The seed of the first run; each later run has the next number. Default: 1. */
  readonly seed?: number | undefined
  /** How many moves a run has at most before faults end. Default: 300. */
  readonly steps?: number | undefined
}

/** The rules of `SimulateOptions`. */
export const simulateOptions: Fields = { runs: positive, seed, steps: positive }

/** What a run adds to the sums. */
interface Summand {
  readonly violation: string | undefined
  /** How many moves it had. */
  readonly events: number
  /** How much time passed in it, in ms. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
}

/** What the runs come to: their sums, the run that failed, or two runs of one seed that are not the same. */
export type Outcome<Run> =
  | { readonly kind: "passed"; readonly sums: Sums }
  | { readonly kind: "failed"; readonly seed: number; readonly run: Run }
  | { readonly kind: "parted"; readonly seed: number; readonly run: Run; readonly again: Run }

interface Sums {
  readonly runs: number
  readonly events: number
  readonly simulatedMs: number
  readonly trace: number
}

/** What is wrong with two runs of one seed that differ. */
export const notTheSameTwice = "it was not the same twice"

/** Every so many runs one is made twice, to see that only the seed decides. */
const twiceEvery = 25

/** Asks for each run by its seed. */
export function* seeds<Run extends Summand>({
  runs,
  seed: first,
}: {
  readonly runs: number
  readonly seed: number
}): Generator<number, Outcome<Run>, Run> {
  let [events, simulatedMs, trace] = [0, 0, 0]
  for (let seed = first; seed < first + runs; seed += 1) {
    const run = yield seed
    if (run.violation !== undefined) return { kind: "failed", seed, run }
    if ((seed - first) % twiceEvery === 0) {
      const again = yield seed
      const isSame = run.trace === again.trace && run.violation === again.violation
      if (!isSame) return { kind: "parted", seed, run, again }
    }
    events += run.events
    simulatedMs += run.duration
    trace = mixed(trace, run.trace)
  }
  return { kind: "passed", sums: { runs, events, simulatedMs, trace: trace >>> 0 } }
}

/** The options with their defaults. */
export function withDefaults(
  { runs, seed = 1, steps }: SimulateOptions,
  defaults: { readonly runs: number; readonly steps: number },
): { readonly runs: number; readonly seed: number; readonly steps: number } {
  return { runs: runs ?? defaults.runs, seed, steps: steps ?? defaults.steps }
}
