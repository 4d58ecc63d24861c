/**
 * Whether something is a model, as far as that shows before it is used, and whether what it says of time is one. Decides
 * what is refused.
 */
import { shown } from "../../core/plan/checks.ts"
import type { Model } from "./model.ts"

const functions = [
  "moves",
  "next",
  "write",
  "describe",
  "format",
  "keyOf",
  "kindOf",
  "classOf",
  "isOver",
]

/** @throws {TypeError} which names what it lacks. */
export function checkModel(model: unknown, what: string): void {
  const given = model as { readonly [name: string]: unknown }
  if (typeof model !== "object" || model === null)
    refuse(what, "the model must be an object", model)
  for (const name of functions) {
    if (typeof given[name] !== "function") {
      refuse(what, `"${name}" of the model must be a function`, given[name])
    }
  }
  if (!("initial" in given)) refuse(what, `the model must have "initial"`, model)
  if (typeof given["identity"] !== "string") {
    refuse(what, `"identity" of the model must be a string`, given["identity"])
  }
  const { goals } = given
  const isList = Array.isArray(goals) && goals.length <= mostGoals
  if (!isList) refuse(what, `"goals" of the model must be a list of at most ${mostGoals}`, goals)
  if (given["recovery"] !== undefined) checkRecovery(given["recovery"], what)
}

/** What would never be asked, or could be nothing but kept, would prove what nobody has looked at. */
function checkRecovery(recovery: unknown, what: string): void {
  if (typeof recovery !== "object" || recovery === null) {
    refuse(what, `"recovery" of the model must be an object`, recovery)
  }
  const given = recovery as { readonly [name: string]: unknown }
  for (const name of ["isWell", "fairMoves", "duration"]) {
    if (typeof given[name] === "function") continue
    refuse(what, `"recovery.${name}" of the model must be a function`, given[name])
  }
  const { bound } = given
  const isBound = typeof bound === "number" && bound >= 0 && bound < Infinity
  if (!isBound) refuse(what, `"recovery.bound" of the model must be a number, 0 or more`, bound)
}

/** How much time a move takes. @throws {RangeError} where that is none. */
export function durationOf<State, Move>({ recovery }: Model<State, Move>, move: Move): number {
  const duration = recovery?.duration(move) ?? 0
  if (duration >= 0 && duration < Infinity) return duration
  throw new RangeError(
    `Cannot reckon with a move as its duration must be a number, 0 or more: current value is ${shown(duration)}`,
  )
}

/** Each is a bit of an integer of 32. */
const mostGoals = 32

function refuse(what: string, rule: string, value: unknown): never {
  throw new TypeError(`Cannot ${what} as ${rule}: current value is ${shown(value)}`)
}
