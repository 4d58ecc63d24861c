/**
 * Random histories of a model by the thousand, each from a seed of its own: whatever can happen, in any order, then a
 * time in which nothing goes wrong any more and all must be well again. Decides how many, and how a failure is told.
 */
import { checkModel } from "../model/check-model.ts"
import { checkCount, checkSeed } from "../model/check-numbers.ts"
import type { Model } from "../model/model.ts"
import { checkNames } from "../../core/plan/checks.ts"
import { replayText } from "./replay.ts"
import { shrink } from "./shrink.ts"
import { storyOf, randomRun, type Path } from "./run.ts"

/** How much is simulated. */
export interface SimulateOptions {
  /** How many histories. Default: 200. */
  readonly runs?: number | undefined
  /** The seed of the first; each later one has the next number. Default: 1. */
  readonly seed?: number | undefined
  /** How many moves are made in each, at most, before nothing goes wrong any more. Default: 300. */
  readonly steps?: number | undefined
}

/** The names of `SimulateOptions`. */
export const simulateOptions: readonly string[] = ["runs", "seed", "steps"]

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

/** Every so many runs one is made twice, to see that nothing but the seed decides. */
export const twiceEvery = 25

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
  model: Model<State, Move>,
  options: SimulateOptions = {},
): Simulation {
  checkModel(model, "simulate")
  checkNames("", { ...options }, simulateOptions, "simulate")
  const { runs = 200, seed: firstSeed = 1, steps = 300 } = options
  checkCount("runs", runs)
  checkCount("steps", steps)
  checkSeed(firstSeed)
  let [events, simulatedMs, reached, trace] = [0, 0, 0, 0]
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const run = randomRun(model, seed, steps)
    if (run.violation !== undefined) throw failure(model, seed, shrink(model, run))
    if (
      (seed - firstSeed) % twiceEvery === 0 &&
      randomRun(model, seed, steps).trace !== run.trace
    ) {
      throw failure(model, seed, {
        ...run,
        recoveryMoves: [],
        violation: "it was not the same twice",
      })
    }
    events += run.moves.length + run.recoveryMoves.length
    simulatedMs += run.duration
    reached |= run.reached
    trace = Math.imul(trace ^ run.trace, 0x01000193)
  }
  const uncovered = model.goals.filter((_, index) => (reached & (1 << index)) === 0)
  return { runs, events, simulatedMs, uncovered, trace: trace >>> 0 }
}

function failure<State, Move>(
  model: Model<State, Move>,
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
