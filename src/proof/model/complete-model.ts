/**
 * Checks a model of the user and fills in what it leaves out.
 */
import { shown } from "../../core/plan/checks.ts"
import type { CompleteModel, Model } from "./model.ts"
import { numbered } from "./numbered.ts"
import { writeData } from "./write-data.ts"

const required = ["moves", "next"]
const optional = ["write", "describe", "format", "keyOf", "kindOf", "classOf", "isOver"]
const withDefaults = [...optional, "identity", "goals"]

/** Goals are bits of an integer of 32 bits. */
const mostGoals = 32

/**
 * The model with its defaults. The very same object if it leaves nothing out.
 *
 * @param what what is to be done with it, for the error text.
 * @throws {TypeError} if a member is missing, or has the wrong type.
 */
export function completed<State, Move>(
  model: Model<State, Move>,
  what: string,
): CompleteModel<State, Move> {
  checkModel(model, what)
  if (isComplete(model)) return model
  const describe = model.describe?.bind(model) ?? textOf
  return {
    initial: model.initial,
    moves: (state) => model.moves(state),
    next: (state, move) => model.next(state, move),
    write: model.write?.bind(model) ?? writeData,
    identity: model.identity ?? "",
    describe,
    format:
      model.format?.bind(model) ?? ((moves: readonly Move[]) => numbered(moves.map(describe))),
    ...(model.draw && { draw: model.draw.bind(model) }),
    keyOf: model.keyOf?.bind(model) ?? describe,
    kindOf: model.kindOf?.bind(model) ?? describe,
    classOf: model.classOf?.bind(model) ?? (() => "progress"),
    isOver: model.isOver?.bind(model) ?? (() => false),
    goals: model.goals ?? [],
    recovery: model.recovery,
  }
}

function isComplete<State, Move>(model: Model<State, Move>): model is CompleteModel<State, Move> {
  const given: object = model
  return withDefaults.every((name) => given[name as keyof typeof given] !== undefined)
}

function textOf(move: unknown): string {
  return typeof move === "object" && move !== null ? JSON.stringify(move) : String(move)
}

function checkModel(model: unknown, what: string): void {
  const given = model as { readonly [name: string]: unknown }
  if (typeof model !== "object" || model === null)
    refuse(what, "the model must be an object", model)
  for (const name of [...required, ...optional]) {
    const isMissing = given[name] === undefined && !required.includes(name)
    if (isMissing || typeof given[name] === "function") continue
    refuse(what, `"${name}" of the model must be a function`, given[name])
  }
  if (!("initial" in given)) refuse(what, `the model must have "initial"`, model)
  const { identity = "", goals = [], recovery } = given
  if (typeof identity !== "string") {
    refuse(what, `"identity" of the model must be a string`, identity)
  }
  const isList = Array.isArray(goals) && goals.length <= mostGoals
  if (!isList) refuse(what, `"goals" of the model must be a list of at most ${mostGoals}`, goals)
  if (recovery !== undefined) checkRecovery(recovery, what)
}

/** A recovery that is never asked for, or a bound that cannot be missed, would prove nothing. */
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

function refuse(what: string, rule: string, value: unknown): never {
  throw new TypeError(`Cannot ${what} as ${rule}: current value is ${shown(value)}`)
}
