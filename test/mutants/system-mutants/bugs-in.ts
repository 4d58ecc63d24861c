import type { Mutant } from "../mutants.ts"

/** What is replaced by what, why a user suffers from it, and why nothing can find it, if nothing can. */
type Bug = readonly [find: string, replace: string, why: string, equivalent?: string]

/** The bugs of one file in src. */
export function bugsIn(file: string, bugs: readonly Bug[]): readonly Mutant[] {
  return bugs.map(([find, replace, why, equivalent]) => ({
    file,
    find,
    replace,
    why,
    ...(equivalent === undefined ? {} : { equivalent }),
  }))
}
