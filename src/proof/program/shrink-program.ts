/**
 * Finds a short history of a program that fails as a long one does: leaves out as many moves as it can; and then, as the
 * moments of the rest may depend on one another, draws short ones anew: the same things with plain times between them. At
 * last it lets less time pass, where that does as well.
 * Decides how long it tries.
 */
import type { ProgramRun } from "./run-program.ts"
import { type Failing, lessOf } from "../simulate/pieces.ts"
import { Random } from "../simulate/random.ts"

/** How many histories are tried, and how many of them to leave something out of the first one: seconds. */
const mostTrials = 1_000
const mostPieces = 400
/** How many moves those have at most that are drawn. */
const mostDrawn = 6
/** What is drawn as often as all else, beside the times that are in the history already. */
const plainTimes = ["wait 100 ms pass", "wait 10 s pass"] as const
const isTime = (key: string): boolean => /^(wait|jump) /.test(key)

/** The shortest found. @param retrace goes through the moves of these keys, as far as they are possible. */
export async function shortened(
  found: ProgramRun,
  retrace: (keys: readonly string[]) => Promise<ProgramRun>,
): Promise<ProgramRun> {
  let trials = 0
  let shortest = found

  async function attempt(keys: readonly string[]): Promise<Failing<string> | undefined> {
    trials += 1
    const history = await retrace(keys)
    if (history.violation === undefined) return undefined
    if (history.moves.length < shortest.moves.length) shortest = history
    return failing(history)
  }

  async function leaveOut(from: Failing<string>, until: number): Promise<void> {
    const search = lessOf<string>(from)
    let step = search.next()
    while (step.done !== true && trials < until) step = search.next(await attempt(step.value))
  }

  await leaveOut(failing(found), mostPieces)
  const random = new Random(1)
  const made = shortest.moves.map(({ key }) => key)
  const keys = made.filter((key) => !isTime(key))
  const others = [...new Set([...keys, ...keys.map(ofTheFirst)])]
  const times = [...new Set([...plainTimes, ...made.filter(isTime)])]
  const draw = (): string => {
    const from = random.below(2) === 0 ? times : others
    return from[random.below(from.length)] ?? ""
  }
  while (trials < mostTrials && shortest.moves.length > 2) {
    const length = 2 + random.below(Math.min(mostDrawn, shortest.moves.length - 1) - 1)
    const drawn = Array.from({ length }, draw)
    const again = await attempt(drawn)
    if (again !== undefined) await leaveOut(again, mostTrials)
  }
  return inLessTime(shortest, retrace)
}

/** The same history with shorter plain times, as far as it fails with them too. */
async function inLessTime(
  found: ProgramRun,
  retrace: (keys: readonly string[]) => Promise<ProgramRun>,
): Promise<ProgramRun> {
  const [soon, later] = plainTimes
  let quickest = found
  for (const [index, { key }] of found.moves.entries()) {
    if (!isTime(key) || key === soon) continue
    for (const time of key === later ? [soon] : plainTimes) {
      const keys = quickest.moves.map((move, at) => (at === index ? time : move.key))
      const history = await retrace(keys)
      if (history.violation === undefined || history.moves.length !== keys.length) continue
      quickest = history
      break
    }
  }
  return quickest
}

/** The same of worker 1, which needs least beside it. */
function ofTheFirst(key: string): string {
  return key.replace(/ worker \d+ /, " worker 1 ")
}

function failing({ violation = "", moves }: ProgramRun): Failing<string> {
  return { violation, moves: moves.map(({ key }) => key) }
}
