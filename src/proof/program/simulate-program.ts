/**
 * Random runs of a user's own program. Some runs are made twice, to see that only the seed decides. The report of a failure is made
 * in program-failure.ts.
 */
import { checkOptions, type Fields, shown, withAdvice, wrong } from "../../core/plan/checks.ts"
import { boolean, oneOf, positive } from "../../core/plan/forms.ts"
import { didYouMean } from "../../core/plan/suggestion.ts"
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
import { seeds, simulateOptions, type SimulateOptions, withDefaults } from "../simulate/seeds.ts"
import type { Simulation } from "../simulate/simulate.ts"
import { type MoveClassifier, MoveWeights } from "../simulate/move-weights.ts"

/** What may happen to a program. `replayProgram` needs the same values. */
export interface ProgramBounds {
  /** The most workers that are asked for. Default: two more than the pool starts with. */
  readonly mostWorkers?: number | undefined
  /** Faults that never happen. Default: none are left out. */
  readonly without?: readonly Fault[] | undefined
  /**
   * Whether a worker must exit by itself within `timeout` unless a fault prevents it, and the stop at the end must have
   * code 0. With `false`, workers may be killed. Default: true.
   */
  readonly graceful?: boolean | undefined
  /**
   * How soon the pool must recover after all faults have ended, in ms: each slot has a ready worker, even if another one is
   * about to replace it. Default: twice `timeout`, plus the longest wait for a respawn, plus 30 s for workers to start.
   */
  readonly wellWithin?: number | undefined
  /**
   * With "global", the global timers, `Date` and `performance` follow the simulated time until the simulation ends, and the
   * timers of a worker end with it. With "own", they stay as they are. Default: "global".
   */
  readonly clock?: "global" | "own" | undefined
}

const fields: Fields = {
  ...simulateOptions,
  mostWorkers: positive,
  without: {
    rule: "a list of faults",
    hasType: Array.isArray,
    fits: () => true,
    inside(caller, _name, without) {
      for (const name of without as readonly unknown[]) checkFault(caller, name)
    },
  },
  graceful: boolean,
  wellWithin: positive,
  clock: oneOf(["global", "own"]),
}

function checkFault(caller: string, name: unknown): void {
  if (faults.some((known) => known === name)) return
  const text = `${caller}: unknown fault ${shown(name)}`
  throw new TypeError(withAdvice(text, didYouMean(name, faults)))
}

/** How long workers may take to start, in ms, if `wellWithin` is not given. */
const startsWithinMs = 30_000

/** How a program is simulated. The defaults are 100 `runs` of 200 `steps`. */
export interface SimulateProgramOptions extends SimulateOptions, ProgramBounds {}

/**
 * Simulates your own program: your `run` and `shutdown` on a simulated operating system, in random runs (deterministic
 * simulation testing). In each run processes die, hang and cannot be forked, signals arrive, the pool is scaled, stopped,
 * suspended or loses its primary, and your own `actions` happen. Then all faults end, and the pool must recover. Finally it
 * is stopped. Each run is checked against the safety rules and your own invariants. The first run has no faults.
 *
 * `simulate` is for models: it returns at once. This function waits for your promises, and rejects if a run fails.
 *
 * Make everything that your program works with inside the function. It must depend on nothing but the simulation: no
 * `Math.random()`, no network, no files.
 *
 * @param program starts it: `(os) => kamisama({ ...options, platform: os })`.
 * @throws {SimulationError} if a run fails, made as short as possible, or is not the same twice.
 * @throws {TypeError} if the program returns no pool, or one on another platform; if something has an unknown name; or if
 *   the global timers are replaced already.
 * @throws {RangeError} if a number of the options is not a positive integer.
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
  const filled = withDefaults(options, { runs: 100, steps: 200 })
  return prepared("simulateProgram", program, options, async (settings) => {
    const possible = new Set<string>()
    const reached = new Set<string>()
    const undisturbed = await runProgram(settings, () => undefined)
    if (undisturbed.violation !== undefined) {
      throw await failureOf(settings, undisturbed, filled.seed)
    }
    const outcome = await drivenLater(seeds<ProgramRun>(filled), async (seed) => {
      const run = await runProgram(settings, chance(seed, filled.steps))
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
 * Goes through a run of your program again.
 *
 * @param program what was simulated.
 * @param text the replay text that a failed `simulateProgram` printed.
 * @param bounds the same as then.
 * @throws {TypeError} if it is no replay text, or comes from another version or other options.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { replayProgram } from "kamisama/fake"
 *
 * const text = process.argv[2] ?? ""
 * const { violation, transcript } = await replayProgram(
 *   (os) => kamisama({ workers: 2, run: () => undefined, platform: os }),
 *   text,
 * )
 * console.log(transcript, violation ?? "no violation")
 * ```
 */
export function replayProgram(
  program: SimulatedProgram,
  text: string,
  bounds: ProgramBounds = {},
): Promise<Replay> {
  return prepared("replayProgram", program, bounds, async (settings) => {
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
  caller: string,
  program: SimulatedProgram,
  bounds: ProgramBounds,
  act: (settings: ProgramSettings) => Promise<Result>,
): Promise<Result> {
  if (typeof program !== "function") {
    throw wrong(TypeError, caller, "takes a function that starts the program", program)
  }
  checkOptions(caller, bounds, fields)
  const { mostWorkers, without = [], graceful = true, wellWithin, clock = "global" } = bounds
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

const classifier: MoveClassifier<ProgramMove> = { kindOf, classOf }

/** Draws the moves of a run. */
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
    upgrades: false,
    recycles: false,
    elects: false,
    incidents: true,
    latenessMs: 0,
    timeSteps: [],
  }
  return goalsOf(world.plan, bounds).filter((goal) => goal !== "finish by start-failed")
}
