import { expect, test } from "vitest"
import { suggestion } from "../../../src/core/plan/suggestion.ts"

test.each([
  // Up to a third of the letters may differ.
  ["timeot", "timeout"],
  ["TIMEOUT", "timeout"],
  ["meout", "timeout"],
  ["timeoutss", "timeout"],
  ["timxyut", "timeout"],
  ["imeout", "timeout"],
  ["mit", "min"],
  ["txxxout", undefined],
  ["tim", undefined],
  // One wrong letter is accepted, however short the name is.
  ["mix", "min"],
  ["in", "min"],
  ["xyz", undefined],
  ["", undefined],
])("suggestion(%j) is %j", (given, meant) => {
  expect(suggestion(given, ["min", "timeout"])).toBe(meant)
})

test("suggestion() picks the nearest of several names", () => {
  expect(suggestion("respawnLimi", ["respawn", "respawnLimit", "respawnInterval"])).toBe(
    "respawnLimit",
  )
  expect(suggestion("respawm", ["respawnLimit", "respawn"])).toBe("respawn")
  expect(suggestion("anything", [])).toBeUndefined()
})

test("a longer name may differ by more letters", () => {
  const known = ["exit", "crash", "kill"]
  expect(suggestion("crashes", known)).toBe("crash")
  expect(suggestion("crashing", known)).toBeUndefined()
})
