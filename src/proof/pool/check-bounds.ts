/**
 * Checks the bounds of a simulated pool: values with which nothing could happen, or nothing would ever end, are refused.
 */
import { check, checkOptions } from "../../core/plan/checks.ts"
import {
  boolean,
  durationFrom,
  either,
  integer,
  listOf,
  longestMs,
  oneOf,
} from "../../core/plan/forms.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { PoolBounds } from "./pool-world.ts"

/** More workers than any simulated pool has. */
const mostWorkersOfAll = 10_000

const timeStep = either(
  `"deadline" or a whole number of milliseconds from 1 to ${longestMs}`,
  oneOf(["deadline"]),
  durationFrom(1),
)

const fields = {
  scales: boolean,
  reloads: boolean,
  upgrades: boolean,
  recycles: boolean,
  elects: boolean,
  incidents: boolean,
  latenessMs: durationFrom(0),
  timeSteps: listOf(timeStep, "a list of at least one time step"),
}

/** @throws {TypeError} if a name is unknown or a type is wrong. @throws {RangeError} if a value breaks its rule. */
export function checkBounds(bounds: Partial<PoolBounds>, { workers }: Plan): void {
  check("poolModel", "workers", from(1, "1"), workers)
  checkOptions("poolModel", bounds, {
    ...fields,
    mostWorkers: from(workers, `"workers" (${workers})`),
  })
}

function from(least: number, name: string): ReturnType<typeof integer> {
  return integer(least, mostWorkersOfAll, `an integer from ${name} to ${mostWorkersOfAll}`)
}
