/**
 * The error about a failing run of a program: the run made short, with the text that replays it, or where two runs of one seed
 * part.
 */
import {
  type Chooser,
  keyOf,
  type ProgramRun,
  runProgram,
  type ProgramSettings,
} from "./run-program.ts"
import { type FailingProgram, type Keyed, shrinking } from "./shrink-program.ts"
import type { ProgramWorld } from "./program-world.ts"
import { finite } from "../../core/recording/recording.ts"
import { drivenLater } from "../simulate/driven.ts"
import { textOf } from "../simulate/replay.ts"
import { notTheSameTwice } from "../simulate/seeds.ts"
import { SimulationError } from "../simulate/simulate.ts"

/** The error about a run that fails. */
export async function failureOf(
  settings: ProgramSettings,
  found: ProgramRun,
  seed: number,
): Promise<SimulationError> {
  const numbers = found.moves.map(({ number }) => number)
  const same = await runProgram(settings, () => numbers.shift())
  if (same.violation !== found.violation || !isFailing(same))
    return notTheSame(settings, found, same, seed)
  const shortest = await drivenLater(shrinking(same), async (moves) => {
    const run = await runProgram(settings, again(moves))
    return isFailing(run) ? run : undefined
  })
  return errorOf(settings, shortest, shortest.violation, seed)
}

function isFailing(run: ProgramRun): run is FailingProgram {
  return run.violation !== undefined
}

/** The error about two runs of one seed that differ. */
export function notTheSame(
  settings: ProgramSettings,
  one: ProgramRun,
  other: ProgramRun,
  seed: number,
): SimulationError {
  const parting = partingOf(one.transcript.split("\n"), other.transcript.split("\n"))
  const [first, second] = parting?.lines.map((line) => `"${line}"`) ?? [
    one.violation ?? "nothing was wrong",
    other.violation ?? "nothing was wrong",
  ]
  const violation = `${notTheSameTwice}, because your program uses something undetermined, such as Math.random(), the network, or what an earlier run has left: once ${first}, once ${second}`
  return errorOf(settings, one, violation, seed, parting?.transcript)
}

/** How many lines are shown before that. */
const linesBefore = 10

/** Where two transcripts part: the lines, and the text with what was before them. Undefined if they do not part. */
function partingOf(
  one: readonly string[],
  other: readonly string[],
): { readonly lines: readonly string[]; readonly transcript: string } | undefined {
  const longer = one.length > other.length ? one : other
  const at = longer.findIndex((_, index) => one[index] !== other[index])
  if (at === -1) return undefined
  const lines = [one, other].map((transcript) => (transcript[at] ?? "").trim() || "nothing")
  const from = Math.max(0, at - linesBefore)
  const head = from > 0 ? [`${from} lines that are the same`] : []
  const after = lines.map((line) => `once: ${line}`)
  return { lines, transcript: [...head, ...one.slice(from, at), ...after, ""].join("\n") }
}

function errorOf(
  settings: ProgramSettings,
  run: ProgramRun,
  violation: string,
  seed: number,
  transcript: string = run.format(),
): SimulationError {
  const numbers = run.moves.map(({ number }) => number)
  const [failure] = run.world.system.failures
  const first = failure === undefined ? "" : `What your code threw first: ${failure}\n\n`
  return new SimulationError({
    violation,
    seed,
    replay: textOf(identityOf(settings, run.world), numbers),
    transcript: first + transcript,
    draw: () => run.draw(violation),
    cause: run.cause,
  })
}

/** The same run again, as far as possible: a move that is no longer possible is left out. */
function again(moves: readonly Keyed[]): Chooser {
  let next = 0
  return (possible) => {
    while (next < moves.length) {
      const key = moves[next]?.key
      next += 1
      const number = possible.findIndex((move) => keyOf(move) === key)
      if (number !== -1) return number
    }
    return undefined
  }
}

/** Grows whenever the possible moves do. */
const version = 2

/** Tells the runs of one program with its bounds from those of another. */
export function identityOf(settings: ProgramSettings, world: ProgramWorld): string {
  const { plan, test } = world
  const actions = Object.keys(test.actions ?? {})
  return JSON.stringify(["program", version, plan, settings.boundsOf(world), actions], finite)
}
