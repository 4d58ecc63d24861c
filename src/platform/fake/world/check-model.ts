/**
 * Whether something is a model, as far as that shows before it is used. Decides what is refused.
 */
import { shown } from "../../../core/plan.ts"

const functions = [
  "moves",
  "next",
  "write",
  "describe",
  "tell",
  "keyOf",
  "kindOf",
  "partOf",
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
}

/** Each is a bit of an integer of 32. */
const mostGoals = 32

function refuse(what: string, rule: string, value: unknown): never {
  throw new TypeError(`Cannot ${what} as ${rule}: current value is ${shown(value)}`)
}
