import { expect, test } from "vitest"
import { suggestion } from "../../../src/core/plan/suggestion.ts"

test.each([
  // As near as a third of its letters.
  ["timeot", "timeout"],
  ["TIMEOUT", "timeout"],
  ["meout", "timeout"],
  ["timeoutss", "timeout"],
  ["timxyut", "timeout"],
  ["imeout", "timeout"],
  ["mit", "min"],
  ["txxxout", undefined],
  ["tim", undefined],
  // A slip of one letter is near enough, however short the name.
  ["mix", "min"],
  ["in", "min"],
  ["xyz", undefined],
  ["", undefined],
])("suggestion(%j) is %j", (given, meant) => {
  expect(suggestion(given, ["min", "timeout"])).toBe(meant)
})

test("the nearest of several is meant", () => {
  expect(suggestion("respawnLimi", ["respawn", "respawnLimit", "respawnInterval"])).toBe(
    "respawnLimit",
  )
  expect(suggestion("respawm", ["respawnLimit", "respawn"])).toBe("respawn")
  expect(suggestion("anything", [])).toBeUndefined()
})
