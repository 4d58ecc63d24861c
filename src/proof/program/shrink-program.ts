/**
 * Makes a failing run of a program short: leaves out as many moves as it can; then, because the moments of the rest may
 * depend on each other, tries short runs by chance, of the same moves with plain times between them; last, lets less time
 * pass if that fails as well. Each phase has a limit on how many runs it tries.
 */
import { Random } from "../simulate/random.ts"
import { leavingOut, type Shrinking } from "../simulate/shrink.ts"
import type { ProgramRun } from "./run-program.ts"

/** What is known of a move by which it is found in another run. */
export interface Keyed {
  readonly key: string
}

export type FailingProgram = ProgramRun & { readonly violation: string }
type Shrinks = Shrinking<Keyed, FailingProgram>

/** How many runs are tried, and how many of them to leave something out of the first one: seconds. */
const mostTrials = 1_000
const mostPieces = 400
/** How many moves a drawn run has at most. */
const mostDrawn = 6
/** These times are drawn as often as all else, beside the times that are in the run already. */
const plainTimes = ["wait 100 ms pass", "wait 10 s pass"] as const
const isTime = (key: string): boolean => /^(wait|jump) /.test(key)

/** @returns the shortest run found. */
export function* shrinking(found: FailingProgram): Shrinks {
  let trials = 0
  let shortest = found

  function* leaveOut(
    from: FailingProgram,
    until: number,
  ): Generator<readonly Keyed[], void, FailingProgram | undefined> {
    const search = leavingOut<Keyed, FailingProgram>(from)
    let step = search.next()
    while (step.done !== true && trials < until) step = search.next(yield* attempt(step.value))
  }

  function* attempt(
    moves: readonly Keyed[],
  ): Generator<readonly Keyed[], FailingProgram | undefined, FailingProgram | undefined> {
    trials += 1
    const run = yield moves
    if (run !== undefined && run.moves.length < shortest.moves.length) shortest = run
    return run
  }

  yield* leaveOut(found, mostPieces)
  const random = new Random(1)
  const made = shortest.moves.map(({ key }) => key)
  const keys = made.filter((key) => !isTime(key))
  const others = [...new Set([...keys, ...keys.map(ofTheFirst)])]
  const times = [...new Set([...plainTimes, ...made.filter(isTime)])]
  const draw = (): Keyed => {
    const from = random.below(2) === 0 ? times : others
    return { key: from[random.below(from.length)] ?? "" }
  }
  while (trials < mostTrials && shortest.moves.length > 2) {
    const length = 2 + random.below(Math.min(mostDrawn, shortest.moves.length - 1) - 1)
    const again = yield* attempt(Array.from({ length }, draw))
    if (again !== undefined) yield* leaveOut(again, mostTrials)
  }
  return yield* inLessTime(shortest)
}

/** The same run with shorter plain times, as far as it still fails. */
function* inLessTime(found: FailingProgram): Shrinks {
  const [soon, later] = plainTimes
  let quickest = found
  for (const [index, { key }] of found.moves.entries()) {
    if (!isTime(key) || key === soon) continue
    for (const time of key === later ? [soon] : plainTimes) {
      const moves = quickest.moves.map((move, at) => (at === index ? { key: time } : move))
      const run = yield moves
      if (run === undefined || run.moves.length !== moves.length) continue
      quickest = run
      break
    }
  }
  return quickest
}

/** The same move of worker 1, which needs least beside it. */
function ofTheFirst(key: string): string {
  return key.replace(/ worker \d+ /, " worker 1 ")
}
