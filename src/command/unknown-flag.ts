/**
 * What is said about a flag that does not exist.
 */
import { suggestion } from "../core/plan/suggestion.ts"
import { UsageError } from "./usage-error.ts"

/**
 * @param known the names of the flags, without hyphens.
 * @param where what follows the name of the flag, such as " here".
 */
export function unknownFlag(rawName: string, known: readonly string[], where = ""): UsageError {
  const meant = suggestion(
    rawName,
    known.map((name) => `--${name}`),
  )
  const advice = meant === undefined ? "See kamisama --help." : `Did you mean ${meant}?`
  return new UsageError(`there is no flag ${rawName}${where}. ${advice}`)
}
