/**
 * A run as a short text that survives in a file or a bug report, and back. The text has a version, the fingerprint of its model,
 * and the number of the move that was made at each point.
 */
import { wrong } from "../../core/plan/checks.ts"
import { completed } from "../model/complete-model.ts"
import { attempt, type CompleteModel, type Model, movesIn } from "../model/model.ts"
import { hashOf } from "./hash.ts"
import { retrace, sameAmong, transcriptOfPath } from "./run.ts"

const prefix = "kamisama-replay-3"

/** The replay text of a run. @param recoveryMoves the moves after faults had ended. */
export function replayText<State, Move>(
  model: CompleteModel<State, Move>,
  moves: readonly Move[],
  recoveryMoves: readonly Move[] = [],
): string {
  let state = model.initial
  const numbers = [...moves, ...recoveryMoves].map((move) => {
    const possible = model.moves(state)
    const same = sameAmong(model, possible, move)
    const number = same === undefined ? -1 : possible.indexOf(same)
    state = attempt(model, state, move).state
    return number
  })
  return textOf(model.identity, numbers.slice(0, moves.length), numbers.slice(moves.length))
}

/** The replay text of a run: the number of the move at each point, in a model of that identity. */
export function textOf(
  identity: string,
  numbers: readonly number[],
  recoveryMoves: readonly number[] = [],
): string {
  const [before, after] = [numbers, recoveryMoves].map((list) =>
    list.map((number) => number.toString(36)).join("-"),
  )
  const written = after === "" ? `${before}` : `${before}~${after}`
  return [prefix, fingerprint(identity), written, fingerprint(written)].join(".")
}

/** What a replay came to. */
export interface Replay {
  /** What is wrong at its end; undefined if nothing is. */
  readonly violation: string | undefined
  /** The whole run in words. */
  readonly transcript: string
  /** Its timeline as a picture: the text of an SVG, for a file; undefined if the model draws none. */
  readonly svg: string | undefined
}

/**
 * Goes through a run again.
 *
 * @param text the replay text that a failed `simulate` printed.
 * @throws {TypeError} if it is no replay text, or comes from another version or other options.
 * @example
 * ```ts
 * import { poolModel, replay } from "kamisama/fake"
 *
 * const { violation, transcript } = replay(poolModel({ workers: 2 }), process.argv[2] ?? "")
 * console.log(transcript, violation ?? "no violation")
 * ```
 */
export function replay<State, Move>(model: Model<State, Move>, text: string): Replay {
  const complete = completed(model, "replay")
  const { numbers, recoveryMoves } = numbersIn(complete.identity, text)
  const moves = movesOf(complete, [...numbers, ...recoveryMoves])
  const path = retrace(complete, moves.slice(0, numbers.length), moves.slice(numbers.length))
  const drawn = [...path.moves, ...path.recoveryMoves]
  return {
    violation: path.violation,
    transcript: transcriptOfPath(complete, path),
    svg: complete.draw?.(drawn, path.violation),
  }
}

function movesOf<State, Move>(
  model: CompleteModel<State, Move>,
  numbers: readonly number[],
): readonly Move[] {
  let state = model.initial
  return numbers.map((number, index) => {
    const move = movesIn(model, state)[number]
    if (move === undefined) throw impossibleMove(index, number)
    state = attempt(model, state, move).state
    return move
  })
}

/** The number of the move at each point, and those of the moves after faults had ended, if they matter. */
interface Numbers {
  readonly numbers: readonly number[]
  readonly recoveryMoves: readonly number[]
}

/** Reads what `textOf` has written. @throws {TypeError} like `replay`. */
export function numbersIn(identity: string, text: string): Numbers {
  if (typeof text !== "string") {
    throw wrong(TypeError, "replay", "the text must be a string", text)
  }
  // The line that was printed is accepted, too.
  const [version = "", made = "", written = "", check = "", rest] = text
    .trim()
    .replace(/^replay: /, "")
    .split(".")
  if (version !== prefix) {
    const rule = version.startsWith("kamisama-replay-")
      ? `the text must be of this version (${prefix})`
      : `the text must begin with ${prefix}`
    throw wrong(TypeError, "replay", rule, text)
  }
  if (made !== fingerprint(identity)) {
    throw new TypeError(
      "replay: the text was made with other options, another `without` or `mostWorkers`, or another version. Use the same.",
    )
  }
  if (check !== fingerprint(written) || rest !== undefined) {
    const advice = "Copy it to its last letter."
    throw wrong(TypeError, "replay", "the text must be complete", text.slice(-20), advice)
  }
  const [before = "", after = ""] = written.split("~")
  return { numbers: numbersOf(before), recoveryMoves: numbersOf(after) }
}

function numbersOf(written: string): number[] {
  return (written === "" ? [] : written.split("-")).map((number, index) => {
    if (/^[0-9a-z]+$/.test(number)) return Number.parseInt(number, 36)
    throw impossibleMove(index, number)
  })
}

/** The error about a move that cannot be made where it stands. */
export function impossibleMove(index: number, given: string | number): Error {
  const move = typeof given === "number" ? given.toString(36) : given
  return wrong(TypeError, "replay", `move ${index + 1} must be one that is possible there`, move)
}

function fingerprint(text: string): string {
  return hashOf(text).toString(36)
}
