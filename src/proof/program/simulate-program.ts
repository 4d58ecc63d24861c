/**
 * Random histories of a user's own program by the thousand. Decides which there are, and that some are gone through twice;
 * how a failure is told stands in program-failure.ts.
 */
import { checkNames, shown } from "../../core/plan/checks.ts"
import { suggestion } from "../../core/plan/suggestion.ts"
import { takeGlobals } from "./owned-globals.ts"
import { goalsOf, recoveryBound } from "../pool/pool-model.ts"
import { type Fault, faults } from "./faults.ts"
import { failureOf, identityOf, notTheSame } from "./program-failure.ts"
import { type Chooser, type ProgramRun, type ProgramSettings, runProgram } from "./run-program.ts"
import { kindOf, type ProgramMove, classOf } from "./program-moves.ts"
import type { ProgramWorld } from "./program-world.ts"
import type { SimulatedProgram } from "./program-under-test.ts"
import { drivenLater } from "../simulate/driven.ts"
import { Random } from "../simulate/random.ts"
import { impossibleMove, numbersIn, type Replay } from "../simulate/replay.ts"
import { checkedOptions, seeds, simulateOptions, type SimulateOptions } from "../simulate/seeds.ts"
import type { Simulation } from "../simulate/simulate.ts"
import { checkCount } from "../model/check-numbers.ts"
import { type MoveClassifier, MoveWeights } from "../simulate/move-weights.ts"

/** What a program is put through. `replayProgram` needs the same, but for `runs`, `seed` and `steps`. */
export interface ProgramBounds {
  /** The most workers that are asked for. Default: two more than at first. */
  readonly mostWorkers?: number | undefined
  /** What is never to happen. Default: nothing is left out. */
  readonly without?: readonly Fault[] | undefined
  /**
   * Whether a worker must end by itself within its `timeout` where nothing hinders it, and the stop at the end be one with
   * code 0. With `false` workers may be killed. Default: true.
   */
  readonly graceful?: boolean | undefined
  /**
   * How soon all must be well once nothing goes wrong any more, in ms: each slot has a worker that is ready, though
   * another may be about to replace it. Default: twice the `timeout`, the longest wait for a respawn, and 30 s for workers
   * to start.
   */
  readonly wellWithin?: number | undefined
  /**
   * With "global" the global timers, `Date` and `performance` follow the simulated time until all is done, and the timers
   * of a worker end with it. With "own" they stay as they are. Default: "global".
   */
  readonly clock?: "global" | "own" | undefined
}

const names = ["mostWorkers", "without", "graceful", "wellWithin", "clock", ...simulateOptions]

/** How long workers may take to start, where nothing is said of it. */
const startsWithinMs = 30_000

/** How a program is simulated. `steps` is 200 where it is not given. */
export interface SimulateProgramOptions extends SimulateOptions, ProgramBounds {}

/**
 * Simulates your own program: your `run` and `shutdown` on a simulated operating system, in random histories. In each,
 * processes die, hang and cannot be forked, signals come, the pool is scaled, stopped, suspended or loses its primary,
 * and your own `actions` happen. Then nothing goes wrong any more, and all must be well again; at last it is stopped. The
 * rules of the design are asked about each history, and so is whatever you say must hold. Before all of them comes one in
 * which nothing goes wrong at all.
 *
 * It stands beside `simulate` and is not a form of it: that one is done when it returns and throws, this one takes time
 * for your promises, and rejects; and they have different options.
 *
 * Everything that your program works with must be made anew in the function, and must depend on nothing but the
 * simulation: no `Math.random()`, no network, no files.
 *
 * @param program starts it: `(os) => kamisama({ ...options, platform: os })`.
 * @throws {SimulationError} where a history fails, made as short as it can be, or is not the same twice.
 * @throws {TypeError} where the program returns no pool, or one that runs elsewhere; where something has an unknown name,
 *   or somebody else has replaced the global timers.
 * @throws {RangeError} where a number of the options is not a positive integer.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { simulateProgram, replayProgram } from "kamisama/fake"
 *
 * await simulateProgram(
 *   (os) => {
 *     const jobs = { arrived: 0, done: 0 }
 *     const pool = kamisama({
 *       workers: 2,
 *       run: () => {
 *         const timer = setInterval(() => {
 *           if (jobs.done < jobs.arrived) jobs.done += 1
 *         }, 10)
 *         return () => clearInterval(timer)
 *       },
 *       platform: os,
 *     })
 *     return {
 *       pool,
 *       actions: { "a job arrives": () => void (jobs.arrived += 1) },
 *       isWell: () => jobs.done === jobs.arrived,
 *     }
 *   },
 *   { runs: 50 },
 * )
 * ```
 */
export async function simulateProgram(
  program: SimulatedProgram,
  options: SimulateProgramOptions = {},
): Promise<Simulation> {
  const checked = checkedOptions(options, { runs: 100, steps: 200 })
  return prepared(program, options, async (settings) => {
    const possible = new Set<string>()
    const reached = new Set<string>()
    const undisturbed = await runProgram(settings, () => undefined)
    if (undisturbed.violation !== undefined) {
      throw await failureOf(settings, undisturbed, checked.seed)
    }
    const outcome = await drivenLater(seeds<ProgramRun>(checked), async (seed) => {
      const run = await runProgram(settings, chance(seed, checked.steps))
      for (const goal of goalsOfProgram(settings, run.world)) possible.add(goal)
      for (const goal of run.reached) reached.add(goal)
      return run
    })
    if (outcome.kind === "passed") {
      return { ...outcome.sums, uncovered: [...possible].filter((goal) => !reached.has(goal)) }
    }
    const { kind, seed, run } = outcome
    if (kind === "failed") throw await failureOf(settings, run, seed)
    throw notTheSame(settings, run, outcome.again, seed)
  })
}

/**
 * Goes through a history of your program again.
 *
 * @param program what was simulated.
 * @param text what a failed `simulateProgram` has printed.
 * @param freedom what it was put through then.
 * @throws {TypeError} where the text is none, or comes from another version or other options.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 *  *
 * const text = process.argv[2] ?? ""
 * const { wrong, story } = await replayProgram(
 *   (os) => kamisama({ workers: 2, run: () => undefined, platform: os }),
 *   text,
 * )
 * console.log(story, wrong ?? "nothing is wrong any more")
 * ```
 */
export function replayProgram(
  program: SimulatedProgram,
  text: string,
  bounds: ProgramBounds = {},
): Promise<Replay> {
  return prepared(program, bounds, async (settings) => {
    let numbers: readonly number[] | undefined
    let made = 0
    const { violation, format, draw } = await runProgram(settings, (moves, world) => {
      numbers ??= numbersIn(identityOf(settings, world), text).numbers
      const number = numbers[made]
      if (number === undefined) return undefined
      if (number >= moves.length) throw impossibleMove(made, number)
      made += 1
      return number
    })
    return { violation, transcript: format(), svg: draw(violation) }
  })
}

async function prepared<Result>(
  program: SimulatedProgram,
  bounds: ProgramBounds,
  act: (settings: ProgramSettings) => Promise<Result>,
): Promise<Result> {
  checkNames("", { ...bounds }, names, "simulate")
  const { mostWorkers, without = [], graceful = true, wellWithin, clock = "global" } = bounds
  if (typeof program !== "function") {
    throw new TypeError(
      `Cannot simulate as the program must be a function that starts it: current value is ${String(program)}`,
    )
  }
  if (mostWorkers !== undefined) checkCount("mostWorkers", mostWorkers)
  if (wellWithin !== undefined) checkCount("wellWithin", wellWithin)
  checkWithout(without)
  if (clock !== "global" && clock !== "own") {
    throw new RangeError(
      `Cannot simulate as "clock" must be "global" or "own": current value is ${String(clock)}`,
    )
  }
  const globals = clock === "global" ? takeGlobals() : undefined
  try {
    return await act({
      program,
      globals,
      isGraceful: graceful,
      boundsOf: ({ plan }) => ({ mostWorkers: mostWorkers ?? plan.workers + 2, without }),
      wellWithinOf: ({ plan }) => wellWithin ?? recoveryBound(plan, 0) + startsWithinMs,
    })
  } finally {
    globals?.restore()
  }
}

function checkWithout(without: readonly string[]): void {
  if (!Array.isArray(without)) {
    throw new TypeError(
      `Cannot simulate as "without" must be a list: current value is ${shown(without)}`,
    )
  }
  for (const name of without) {
    if (faults.some((known) => known === name)) continue
    const meant = suggestion(name, faults)
    const hint = meant === undefined ? "" : `; did you mean "${meant}"?`
    throw new TypeError(`Cannot simulate without "${name}" as that never happens${hint}`)
  }
}

const classifier: MoveClassifier<ProgramMove> = { kindOf, classOf }

/** Draws what happens. */
function chance(seed: number, steps: number): Chooser {
  const weights = new MoveWeights<ProgramMove>(new Random(seed), classifier, steps)
  let left = steps
  return (moves) => (left-- > 0 ? weights.choose(moves) : undefined)
}

function goalsOfProgram(settings: ProgramSettings, world: ProgramWorld): string[] {
  const { mostWorkers, without } = settings.boundsOf(world)
  const bounds = {
    mostWorkers,
    scales: true,
    reloads: !without.includes("reload"),
    recycles: false,
    excludes: false,
    incidents: true,
    latenessMs: 0,
    timeSteps: [],
  }
  return goalsOf(world.plan, bounds).filter((goal) => goal !== "finish by start-failed")
}
