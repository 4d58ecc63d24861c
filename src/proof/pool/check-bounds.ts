/**
 * Checks the bounds of a simulated pool: values with which nothing could happen, or nothing would ever end, are refused.
 */
import { checkNames, longestMs, shown } from "../../core/plan/checks.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { PoolBounds } from "./pool-world.ts"

/** More workers than any pool of a simulation has. */
const mostWorkersOfAll = 10_000

const flags = ["scales", "reloads", "recycles", "excludes", "incidents"] as const

/** @throws {TypeError} if a name is unknown. @throws {RangeError} if a value is out of range. */
export function checkBounds(bounds: Partial<PoolBounds>, { workers }: Plan): void {
  checkNames("", { ...bounds }, [...flags, "mostWorkers", "latenessMs", "timeSteps"], "simulate")
  const { mostWorkers, latenessMs, timeSteps } = bounds
  for (const flag of flags) {
    const value: unknown = bounds[flag]
    if (value !== undefined && typeof value !== "boolean") refuse(flag, "true or false", value)
  }
  if (workers > mostWorkersOfAll) {
    refuse("workers", `an integer from 1 to ${mostWorkersOfAll}`, workers)
  }
  const counts = `an integer from "workers" (${workers}) to ${mostWorkersOfAll}`
  if (mostWorkers !== undefined && !isWhole(mostWorkers, workers, mostWorkersOfAll)) {
    refuse("mostWorkers", counts, mostWorkers)
  }
  if (latenessMs !== undefined && !isWhole(latenessMs, 0, longestMs)) {
    refuse("latenessMs", "a whole number of milliseconds, 0 or more", latenessMs)
  }
  if (timeSteps === undefined) return
  const isList = Array.isArray(timeSteps) && timeSteps.length > 0
  if (!isList) refuse("timeSteps", "a list of at least one time step", timeSteps)
  for (const timeStep of timeSteps) {
    if (timeStep === "deadline" || isWhole(timeStep, 1, longestMs)) continue
    refuse("timeSteps", `"deadline" or whole numbers of milliseconds, 1 or more`, timeStep)
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
}

function refuse(name: string, rule: string, value: unknown): never {
  throw new RangeError(
    `Cannot simulate as "${name}" must be ${rule}: current value is ${shown(value)}`,
  )
}
