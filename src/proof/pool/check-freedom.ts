/**
 * Which freedom makes sense in a world. Decides what is refused: what would let nothing happen, or never end.
 */
import { checkNames, longestMs, shown } from "../../core/plan/checks.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { PoolFreedom } from "./pool-world.ts"

/** More workers than any pool of a simulation has. */
const mostWorkersOfAll = 10_000

const flags = ["scales", "reloads", "recycles", "excludes", "incidents"] as const

/** @throws {TypeError} where something has the wrong type. @throws {RangeError} where its value cannot be meant. */
export function checkFreedom(freedom: Partial<PoolFreedom>, { workers }: Plan): void {
  checkNames("", { ...freedom }, [...flags, "mostWorkers", "lateMs", "leaps"], "simulate")
  const { mostWorkers, lateMs, leaps } = freedom
  for (const flag of flags) {
    const value: unknown = freedom[flag]
    if (value !== undefined && typeof value !== "boolean") refuse(flag, "true or false", value)
  }
  if (workers > mostWorkersOfAll) {
    refuse("workers", `an integer from 1 to ${mostWorkersOfAll}`, workers)
  }
  const counts = `an integer from "workers" (${workers}) to ${mostWorkersOfAll}`
  if (mostWorkers !== undefined && !isWhole(mostWorkers, workers, mostWorkersOfAll)) {
    refuse("mostWorkers", counts, mostWorkers)
  }
  if (lateMs !== undefined && !isWhole(lateMs, 0, longestMs)) {
    refuse("lateMs", "a whole number of milliseconds, 0 or more", lateMs)
  }
  if (leaps === undefined) return
  const isList = Array.isArray(leaps) && leaps.length > 0
  if (!isList) refuse("leaps", "a list of at least one leap", leaps)
  for (const leap of leaps) {
    if (leap === "deadline" || isWhole(leap, 1, longestMs)) continue
    refuse("leaps", `"deadline" or whole numbers of milliseconds, 1 or more`, leap)
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
