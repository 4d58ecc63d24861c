/** Whether the model has a run in which one process does what a log says of it, whatever its program is. */
import type { Plan } from "../../core/plan/plan.ts"
import { expectationsOf } from "./expectation.ts"
import type { Letter, Unexplained } from "./letters.ts"
import { ProcessSearch } from "./process-search.ts"
import { nothingElse, type ProgramBounds, type SystemBounds } from "./system-bounds.ts"

/** More than a process can be in. */
const mostSituations = 300_000

/** How many situations each program is tried with before the next one. */
const turn = 100

/** What is wrong with the log of a process whose program may be one of these; undefined if nothing is. */
export function rejectProcess(
  plan: Plan,
  letters: readonly Letter[],
  programs: readonly ProgramBounds[],
  breaksChannels: boolean,
): Unexplained | undefined {
  const sought = { plan, letters, expected: expectationsOf(letters) }
  const searches = programs.map(
    (program) => new ProcessSearch(sought, boundsOf(program, breaksChannels)),
  )
  const known = (): number => searches.reduce((sum, { size }) => sum + size, 0)
  while (searches.some(({ isExhausted }) => !isExhausted) && known() < mostSituations) {
    for (const search of searches) {
      search.goOn(turn)
      if (search.isFound) return undefined
    }
  }
  const most = Math.max(...searches.map((search) => search.most))
  const furthest = searches.filter((search) => search.most === most)
  const instead = [...new Set(furthest.flatMap((search) => [...search.instead]))]
  return {
    index: letters[most]?.index ?? 0,
    instead:
      known() < mostSituations ? instead.join(", or ") : "undecided: there are too many situations",
  }
}

function boundsOf(program: ProgramBounds, breaksChannels: boolean): SystemBounds {
  return {
    ...nothingElse,
    program,
    stops: false,
    killsReaper: true,
    breaksChannels,
    failsForks: true,
  }
}
