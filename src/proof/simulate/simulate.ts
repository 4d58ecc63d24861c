/**
 * Random histories of a model by the thousand, each from a seed of its own: whatever can happen, in any order, then a
 * time in which nothing goes wrong any more and all must be well again. Decides how many, and how a failure is told.
 */
import { completed } from "../model/complete-model.ts"
import type { CompleteModel, Model } from "../model/model.ts"
import { checkNames } from "../../core/plan/checks.ts"
import { driven } from "./driven.ts"
import { replayText } from "./replay.ts"
import { type Path, type Run, randomRun, storyOf } from "./run.ts"
import {
  checkedOptions,
  notTheSameTwice,
  seeds,
  simulateOptions,
  type SimulateOptions,
} from "./seeds.ts"
import { shrink } from "./shrink.ts"

/** What was seen. */
export interface Simulation {
  /** How many histories there were. */
  readonly runs: number
  /** How many moves were made, in all. */
  readonly events: number
  /** How much time has passed in them, in ms. */
  readonly simulatedMs: number
  /** Goals of the model that were never reached: where there are any, more runs would tell more. */
  readonly uncovered: readonly string[]
  /** The same for the same histories, on every runtime. */
  readonly trace: number
}

/** What a `SimulationError` tells. */
export interface FailingRun {
  /** The rule, and what is wrong. */
  readonly violation: string
  /** The seed of the history. */
  readonly seed: number
  /** What `replay` takes. */
  readonly replay: string
  /** The history in words. */
  readonly transcript: string
  /** Draws the text of an SVG. */
  readonly draw?: (() => string) | undefined
  /** What your own code has thrown, if that is what is wrong. */
  readonly cause?: unknown
}

/** A history that breaks a rule, made as short as it can be. */
export class SimulationError extends Error {
  /** The name of the class. */
  override readonly name = "SimulationError"
  /** The rule, and what is wrong. */
  readonly violation: string
  /** The seed of the history. */
  readonly seed: number
  /** What `replay` takes. */
  readonly replay: string
  /** The history in words, with its timeline. */
  readonly transcript: string
  readonly #draw: FailingRun["draw"]

  /** Tells of a history. */
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

  /** The timeline as a picture: the text of an SVG, for a file; undefined where the model draws none. */
  get svg(): string | undefined {
    return this.#draw?.()
  }
}

/**
 * Simulates.
 *
 * @throws {SimulationError} where a history breaks a rule, is not well again in time, or is not the same twice.
 * @throws {RangeError} where a number of the options is not a positive integer, or `seed` no integer.
 * @throws {TypeError} where an option has an unknown name, or the model lacks something.
 * @example
 * ```ts
 * import { poolModel, simulate } from "kamisama/fake"
 *
 * const { runs, simulatedMs } = simulate(poolModel({ workers: 4, timeout: 5_000 }), { runs: 200 })
 * console.log(`${runs} histories, ${simulatedMs / 3_600_000} hours`)
 * ```
 */
export function simulate<State, Move>(
  given: Model<State, Move>,
  options: SimulateOptions = {},
): Simulation {
  const model = completed(given, "simulate")
  checkNames("", { ...options }, simulateOptions, "simulate")
  const checked = checkedOptions(options, { runs: 200, steps: 300 })
  let reached = 0
  const outcome = driven(seeds<Run<Move>>(checked), (seed) => {
    const run = randomRun(model, seed, checked.steps)
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
    transcript: storyOf(model, path),
    draw: model.draw && (() => model.draw?.([...moves, ...recoveryMoves], violation) ?? ""),
  })
}
