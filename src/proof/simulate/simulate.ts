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
import { storyOf, walk, type Way } from "./run.ts"

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
  readonly missed: readonly string[]
  /** The same for the same histories, on every runtime. */
  readonly trace: number
}

/** What a `SimulationError` tells. */
export interface FailingHistory {
  /** The rule, and what is wrong. */
  readonly wrong: string
  /** The seed of the history. */
  readonly seed: number
  /** What `replay` takes. */
  readonly replay: string
  /** The history in words. */
  readonly story: string
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
  readonly wrong: string
  /** The seed of the history. */
  readonly seed: number
  /** What `replay` takes. */
  readonly replay: string
  /** The history in words, with its timeline. */
  readonly story: string
  readonly #draw: FailingHistory["draw"]

  /** Tells of a history. */
  constructor({ wrong, seed, replay, story, draw, cause }: FailingHistory) {
    super(
      `${wrong} (seed ${seed})\n\n${story}\nreplay: ${replay}`,
      cause === undefined ? {} : { cause },
    )
    this.wrong = wrong
    this.seed = seed
    this.replay = replay
    this.story = story
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
    const run = walk(model, seed, steps)
    if (run.wrong !== undefined) throw failure(model, seed, shrink(model, run))
    if ((seed - firstSeed) % twiceEvery === 0 && walk(model, seed, steps).trace !== run.trace) {
      throw failure(model, seed, { ...run, healing: [], wrong: "it was not the same twice" })
    }
    events += run.moves.length + run.healing.length
    simulatedMs += run.duration
    reached |= run.reached
    trace = Math.imul(trace ^ run.trace, 0x01000193)
  }
  const missed = model.goals.filter((_, index) => (reached & (1 << index)) === 0)
  return { runs, events, simulatedMs, missed, trace: trace >>> 0 }
}

function failure<State, Move>(
  model: Model<State, Move>,
  seed: number,
  way: Way<Move>,
): SimulationError {
  const { wrong = "", moves, healing } = way
  return new SimulationError({
    wrong,
    seed,
    replay: replayText(model, moves, healing),
    story: storyOf(model, way),
    draw: model.draw && (() => model.draw?.([...moves, ...healing], wrong) ?? ""),
  })
}
