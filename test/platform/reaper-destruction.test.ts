import { expect, test } from "vitest"
import type { ReaperCommand } from "../../src/platform/reaper-command.ts"
import {
  beginDestruction,
  continueDestruction,
  type Destruction,
} from "../../src/platform/reaper-destruction.ts"

/** The commands after each look, while there are looks. */
function afterLooks(...looks: readonly (readonly string[])[]): (readonly ReaperCommand[])[] {
  let destruction: Destruction | null = beginDestruction()
  return looks.flatMap((found) => {
    if (destruction === null) return []
    const next = continueDestruction(destruction, found)
    ;({ destruction } = next)
    return [next.commands]
  })
}

const suspend = (...identities: string[]): ReaperCommand => {
  return { type: "signal-processes", signal: "STOP", identities }
}
const kill = (...identities: string[]): ReaperCommand => {
  return { type: "signal-processes", signal: "KILL", identities }
}

test("what is found is suspended until a look finds just that again, and then killed", () => {
  expect(afterLooks(["1:5"], ["1:5"], ["1:5"])).toEqual([[suspend("1:5")], [kill("1:5")]])
})

test("it looks again if one of several is another one, or has the process id of another one", () => {
  expect(afterLooks(["1:5", "2:5"], ["1:5", "3:5"], ["1:5", "3:5"])).toEqual([
    [suspend("1:5", "2:5")],
    [suspend("1:5", "3:5")],
    [kill("1:5", "3:5")],
  ])
  expect(afterLooks(["1:5"], ["1:6"], ["1:6"]).at(-1)).toEqual([kill("1:6")])
})

test("no signal is sent if nothing is found", () => {
  expect(afterLooks([], [])).toEqual([[], []])
})

test("it looks ten times at most, and kills what the last look has found", () => {
  const looks = Array.from({ length: 12 }, (_, look) => [`${look}:5`])
  const all = afterLooks(...looks)
  expect(all).toHaveLength(10)
  expect(all.at(-2)).toEqual([suspend("8:5")])
  expect(all.at(-1)).toEqual([suspend("9:5"), kill("9:5")])
})
