/**
 * Checks a model of the user and fills in what it leaves out.
 */
import { check, type Fields, isRecord, wrong } from "../../core/plan/checks.ts"
import { func, number, text } from "../../core/plan/forms.ts"
import type { CompleteModel, Model } from "./model.ts"
import { numbered } from "./numbered.ts"
import { writeData } from "./write-data.ts"

/** Goals are bits of an integer of 32 bits. */
const mostGoals = 32

const withDefaults: Fields = {
  write: func,
  describe: func,
  format: func,
  keyOf: func,
  kindOf: func,
  classOf: func,
  isOver: func,
  identity: text("a string"),
  goals: {
    rule: `a list of at most ${mostGoals}`,
    hasType: Array.isArray,
    fits: (value) => Array.isArray(value) && value.length <= mostGoals,
  },
}

const required = { ...func, isRequired: true }

const modelFields: Fields = {
  moves: required,
  next: required,
  ...withDefaults,
  initial: {
    rule: "the first state",
    hasType: (value) => value !== undefined,
    fits: () => true,
    isRequired: true,
  },
}

const recoveryFields: Fields = {
  isWell: required,
  fairMoves: required,
  duration: required,
  bound: {
    ...number((value) => value >= 0 && value < Infinity, "a number, 0 or more"),
    isRequired: true,
  },
}

/**
 * The model with its defaults. The very same object if it leaves nothing out.
 *
 * @param caller the function that the user has called.
 * @throws {TypeError} if a member is missing, or has the wrong type. @throws {RangeError} if one breaks its rule.
 */
export function completed<State, Move>(
  model: Model<State, Move>,
  caller: string,
): CompleteModel<State, Move> {
  checkModel(model, caller)
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
  return Object.keys(withDefaults).every((name) => given[name as keyof typeof given] !== undefined)
}

function textOf(move: unknown): string {
  return typeof move === "object" && move !== null ? JSON.stringify(move) : String(move)
}

function checkModel(model: unknown, caller: string): void {
  if (!isRecord(model) || !Object.keys(modelFields).some((name) => name in model)) {
    const advice = `Write ${caller}(poolModel(options)).`
    throw wrong(TypeError, caller, "takes a model", model, advice)
  }
  checkMembers(caller, "model", model, modelFields)
  const { recovery } = model
  // A recovery that is never asked for, or a bound that cannot be missed, would prove nothing.
  if (recovery === undefined) return
  if (!isRecord(recovery)) {
    throw wrong(TypeError, caller, `"model.recovery" must be an object`, recovery)
  }
  checkMembers(caller, "model.recovery", recovery, recoveryFields)
}

/** Other members are allowed: a model may be an object of a class. */
function checkMembers(
  caller: string,
  path: string,
  given: { readonly [name: string]: unknown },
  fields: Fields,
): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = given[name]
    if (value !== undefined || field.isRequired) check(caller, `${path}.${name}`, field, value)
  }
}
