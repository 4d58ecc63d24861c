/**
 * Random runs of a model, each with a seed of its own: whatever can happen, in any order, then a time without faults, in which
 * the model must recover. A failing run is reported as short as possible.
 */
import { completed } from "../model/complete-model.ts"
import type { CompleteModel, Model } from "../model/model.ts"
import { checkOptions } from "../../core/plan/checks.ts"
import { driven } from "./driven.ts"
import { replayText } from "./replay.ts"
import { type Path, type Run, randomRun, transcriptOfPath } from "./run.ts"
import {
  notTheSameTwice,
  seeds,
  simulateOptions,
  type SimulateOptions,
  withDefaults,
} from "./seeds.ts"
import { shrink } from "./shrink.ts"

/** What a simulation has seen. */
export interface Simulation {
  /** How many runs there were. */
  readonly runs: number
  /** How many moves were made in all runs. */
  readonly events: number
  /** How much simulated time passed in them, in ms. */
  readonly simulatedMs: number
  /** Goals that no run reached: if there are any, use more runs. */
  readonly uncovered: readonly string[]
  /** A fingerprint of all runs: the same on every runtime. */
  readonly trace: number
}

/** The parts of a `SimulationError`. */
export interface FailingRun {
  /** What is wrong, with the number of the rule if it breaks one. */
  readonly violation: string
  /** The seed of the run. */
  readonly seed: number
  /** The text that `replay` takes. */
  readonly replay: string
  /** The run in words. */
  readonly transcript: string
  /** Draws the text of an SVG. */
  readonly draw?: (() => string) | undefined
  /** What your own code threw, if that is what is wrong. */
  readonly cause?: unknown
}

/** A run with a violation, made as short as possible. */
export class SimulationError extends Error {
  /** The name of the class. */
  override readonly name = "SimulationError"
  /** What is wrong, with the number of the rule if it breaks one. */
  readonly violation: string
  /** The seed of the run. */
  readonly seed: number
  /** The text that `replay` takes. */
  readonly replay: string
  /** The run in words, with its timeline. */
  readonly transcript: string
  readonly #draw: FailingRun["draw"]

  /** Describes a failing run. */
  constructor({ violation, seed, replay, transcript, draw, cause }: FailingRun) {
    super(
      `${violation} (seed ${seed})\n\n${transcript}\nreplay: ${replay}`,
      cause === undefined ? {} : { cause },
    )
    this.violation = violation
    this.seed = seed
    this.replay = replay
    this.transcript = transcript
    this.#draw = draw
  }

  /** The timeline as a picture: the text of an SVG, for a file; undefined if the model draws none. */
  get svg(): string | undefined {
    return this.#draw?.()
  }
}

/**
 * Simulates a model: random runs with faults (deterministic simulation testing).
 *
 * @throws {SimulationError} if a run breaks a rule, does not recover in time, or is not the same twice.
 * @throws {RangeError} if a number of the options is not a positive integer, or `seed` is no integer.
 * @throws {TypeError} if an option has an unknown name, or a member of the model is missing or has the wrong type.
 * @example
 * ```ts
 * import { poolModel, simulate } from "kamisama/fake"
 *
 * const { runs, simulatedMs } = simulate(poolModel({ workers: 4, timeout: 5_000 }), { runs: 200 })
 * console.log(`${runs} runs, ${simulatedMs / 3_600_000} hours`)
 * ```
 */
export function simulate<State, Move>(
  given: Model<State, Move>,
  options: SimulateOptions = {},
): Simulation {
  const model = completed(given, "simulate")
  checkOptions("simulate", options, simulateOptions)
  const filled = withDefaults(options, { runs: 200, steps: 300 })
  let reached = 0
  const outcome = driven(seeds<Run<Move>>(filled), (seed) => {
    const run = randomRun(model, seed, filled.steps)
    reached |= run.reached
    return run
  })
  if (outcome.kind === "passed") {
    const uncovered = model.goals.filter((_, index) => (reached & (1 << index)) === 0)
    return { ...outcome.sums, uncovered }
  }
  const { kind, seed, run } = outcome
  if (kind === "failed") throw failure(model, seed, shrink(model, run))
  throw failure(model, seed, { ...run, recoveryMoves: [], violation: notTheSameTwice })
}

function failure<State, Move>(
  model: CompleteModel<State, Move>,
  seed: number,
  path: Path<Move>,
): SimulationError {
  const { violation = "", moves, recoveryMoves } = path
  return new SimulationError({
    violation,
    seed,
    replay: replayText(model, moves, recoveryMoves),
    transcript: transcriptOfPath(model, path),
    draw: model.draw && (() => model.draw?.([...moves, ...recoveryMoves], violation) ?? ""),
  })
}
