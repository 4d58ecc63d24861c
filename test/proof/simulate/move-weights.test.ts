import { expect, test } from "vitest"
import { Random } from "../../../src/proof/simulate/random.ts"
import { type MoveClassifier, MoveWeights } from "../../../src/proof/simulate/move-weights.ts"
import type { MoveClass } from "../../../src/proof/model/model.ts"

/** A move is named by its part and a number. */
const classifier: MoveClassifier<string> = {
  kindOf: (move) => move,
  classOf: (kind) => kind.split(" ")[0] as MoveClass,
}

const steps = 100

function drawn(seed: number, lists: () => readonly (readonly string[])[]): number[] {
  const weights = new MoveWeights(new Random(seed), classifier, steps)
  const kindsOf = (): { kinds: readonly string[] }[] => lists().map((kinds) => ({ kinds }))
  return Array.from({ length: steps }, () => weights.chooseInLists(kindsOf()))
}

function drawnFrom(seed: number, moves: readonly string[]): number[] {
  const weights = new MoveWeights(new Random(seed), classifier, steps)
  return Array.from({ length: steps }, () => weights.choose(moves))
}

const parts = [
  ["start 1", "end 1"],
  ["progress 1", "progress 2", "disturbance 1"],
  [],
  ["no-op 1", "late 1", "disturbance 2", "frequent-disturbance 1"],
] as const
const kept = [...parts]

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "MoveWeights draws the same from lists as from one list, seed %i",
  (seed) => {
    const expected = drawn(seed, () => kept)
    expect(drawn(seed, () => [parts.flat()])).toEqual(expected)
    expect(drawn(seed, () => parts.map((list) => [...list]))).toEqual(expected)
    expect(drawn(seed, () => [...parts])).toEqual(expected)
  },
)

test.each([
  ["a list", drawnFrom],
  ["lists", (seed: number, moves: readonly string[]) => drawn(seed, () => [moves])],
] as const)(
  "MoveWeights makes starts early, ends late, no-ops rare and late moves rarer: %s",
  (_what, draw) => {
    const moves = [
      "start 1",
      "progress 1",
      "disturbance 1",
      "frequent-disturbance 1",
      "no-op 1",
      "late 1",
      "end 1",
    ]
    const counts = moves.map(() => 0)
    const first = moves.map((): number[] => [])
    for (let seed = 1; seed <= 400; seed += 1) {
      const indexes = draw(seed, moves)
      for (const index of indexes) counts[index] = (counts[index] ?? 0) + 1
      for (const [index, seen] of first.entries()) {
        if (indexes.includes(index)) seen.push(indexes.indexOf(index))
      }
    }
    const [beginning = 0, progress = 0, trouble = 0, unrest = 0, noise = 0, late = 0, ending = 0] =
      counts
    expect(beginning).toBeLessThan(trouble)
    expect(unrest).toBeLessThan(trouble)
    expect(noise).toBeLessThan(unrest)
    expect(late).toBeLessThan(noise / 2)
    expect(ending).toBeLessThan(trouble)
    expect(trouble).toBeLessThan(progress)
    expect(Math.min(beginning, noise, late, ending)).toBeGreaterThan(0)
    const mean = (values: readonly number[] = []): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(first[0])).toBeLessThan(10)
    expect(mean(first[6])).toBeGreaterThan(30)
  },
)

test("if all weights are 0, each move is as likely as any other", () => {
  // Before its time the end is never drawn; where it is all that there is, it must be.
  const indexes = drawn(3, () => [["end 1"], ["end 1", "end 1"]])
  expect(new Set(indexes)).toEqual(new Set([0, 1, 2]))
})

test("MoveWeights refuses a class that does not exist", () => {
  const weights = new MoveWeights(new Random(1), classifier, steps)
  expect(() => weights.choose(["anything 1"])).toThrow(
    /^model: "classOf" must return one of start, progress, .*, got "anything"$/,
  )
  expect(() => weights.chooseInLists([{ kinds: ["toString 1"] }])).toThrow(/got "toStr/)
})
