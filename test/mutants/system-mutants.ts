/**
 * Bugs that are planted around the core, one at a time: on the worker's side, in the link and the wire, in what carries out
 * commands, and in the reaper. Their files are in src. `npm run mutants -- --of system` reports which searcher finds which.
 */
import type { Mutant } from "./mutants.ts"
import { inLife } from "./system-mutants/life.ts"
import { inPlatform } from "./system-mutants/platform.ts"
import { inStopping } from "./system-mutants/stopping.ts"

export const systemMutants: readonly Mutant[] = [...inLife, ...inStopping, ...inPlatform]
