/**
 * How a failing history of a program is told: made short, with what replays it; or as one that is not the same twice.
 */
import {
  type Chooser,
  keyOf,
  type LiveHistory,
  liveHistory,
  type LiveSettings,
} from "./live-history.ts"
import { shortened } from "./live-shrink.ts"
import type { LiveWorld } from "./live-world.ts"
import { textOf } from "./replay.ts"
import { SimulationError } from "./simulate.ts"

/** The error about a history that fails. */
export async function failureOf(
  settings: LiveSettings,
  found: LiveHistory,
  seed: number,
): Promise<SimulationError> {
  const same = await liveHistory(settings, again(found.moves.map(({ key }) => key)))
  if (same.wrong !== found.wrong) return notTheSame(settings, found, same, seed)
  const history = await shortened(same, (keys) => liveHistory(settings, again(keys)))
  return errorOf(settings, history, history.wrong ?? "", seed)
}

/** @throws {SimulationError} where two histories that were to be the same are not. */
export function checkSame(
  one: LiveHistory,
  other: LiveHistory,
  settings: LiveSettings,
  seed: number,
): void {
  if (one.transcript !== other.transcript || one.wrong !== other.wrong) {
    throw notTheSame(settings, one, other, seed)
  }
}

function notTheSame(
  settings: LiveSettings,
  one: LiveHistory,
  other: LiveHistory,
  seed: number,
): SimulationError {
  const [first, second] = [one.transcript.split("\n"), other.transcript.split("\n")]
  const longer = first.length > second.length ? first : second
  const at = longer.findIndex((_, index) => first[index] !== second[index])
  const shown = [first, second].map((lines) => (lines[at] ?? "").trim() || "nothing")
  const before = first.slice(Math.max(0, at - linesBefore), Math.max(0, at))
  const hidden = at - before.length
  const head = hidden > 0 ? [`${hidden} lines that are the same`] : []
  const after = shown.map((line) => `once: ${line}`)
  const story = [...head, ...before, ...after, ""].join("\n")
  const difference =
    at === -1
      ? `once ${one.wrong ?? "nothing was wrong"}, once ${other.wrong ?? "nothing was wrong"}`
      : `once "${shown[0]}", once "${shown[1]}"`
  const wrong = `it was not the same twice, as your program uses something undetermined, such as Math.random(), the network, or what an earlier history has left: ${difference}`
  return errorOf(settings, one, wrong, seed, at === -1 ? undefined : story)
}

/** How much is told of what was still the same. */
const linesBefore = 10

function errorOf(
  settings: LiveSettings,
  history: LiveHistory,
  wrong: string,
  seed: number,
  story: string = history.story(),
): SimulationError {
  const numbers = history.moves.map(({ number }) => number)
  const [failure] = history.world.system.failures
  const first = failure === undefined ? "" : `\nWhat your code has thrown first: ${failure}\n`
  return new SimulationError({
    wrong,
    seed,
    replay: textOf(identityOf(settings, history.world), numbers),
    story: story + first,
    draw: () => history.draw(wrong),
    cause: history.cause,
  })
}

/** The same way again, as far as it is possible: a move that cannot be made any more is left out. */
function again(keys: readonly string[]): Chooser {
  let next = 0
  return (possible) => {
    while (next < keys.length) {
      const key = keys[next]
      next += 1
      const number = possible.findIndex((move) => keyOf(move) === key)
      if (number !== -1) return number
    }
    return undefined
  }
}

/** Grows whenever what may happen does. */
const version = 1

/** Tells the histories of one program and freedom from those of another. */
export function identityOf(settings: LiveSettings, world: LiveWorld): string {
  const { plan, test } = world
  const infinite = (_name: string, value: unknown): unknown => (value === Infinity ? "∞" : value)
  const actions = Object.keys(test.actions ?? {})
  return JSON.stringify(["program", version, plan, settings.freedomOf(world), actions], infinite)
}
