/**
 * The script of the reaper, held against src/platform/reaper-life.ts in real shells, on simulated machines.
 */
import { existsSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { reaperScript } from "../../../src/platform/node/reaper-script.ts"
import { reaperMutants } from "../../mutants/reaper-mutants.ts"
import { decidedCalls } from "../reaper/decided-run.ts"
import { firstDifference } from "../reaper/shell-run.ts"

/** On a busy machine, a shell takes long to start what it starts. */
const longestMs = 300_000

/** Those of this system, by what they really are. */
const shells = new Set(
  ["sh", "dash", "bash", "busybox"].flatMap((name) => {
    const program = ["/bin", "/usr/bin"].map((path) => join(path, name)).find(existsSync)
    return program === undefined ? [] : [realpathSync(program)]
  }),
)

const count = Number(process.env["KAMISAMA_TEST_REAPERS"] ?? 120)
const seeds = Array.from({ length: count }, (_, seed) => seed)
/** Those that find the most bugs come first. */
const searching = [...new Set([31, 59, 14, 48, 22, 26, 79, ...seeds])]

describe.concurrent("the script of the reaper", { timeout: longestMs }, () => {
  test.for([...shells])("makes the calls that are decided, under %s", async (shell, { expect }) => {
    const share = shell === [...shells][0] ? seeds : seeds.slice(0, count / 3)
    expect(await firstDifference(shell, reaperScript, share)).toBeUndefined()
  })

  test.for(reaperMutants)("is found out if $why", async ({ find, replace }, { expect }) => {
    expect(reaperScript.split(find)).toHaveLength(2)
    const planted = reaperScript.replace(find, () => replace)
    expect(await firstDifference("/bin/sh", planted, searching)).toBeDefined()
  })
})

test("the scenarios of the script have calls of every kind", () => {
  const kinds = new Set(seeds.flatMap(decidedCalls).map((call) => call.replace(/ \d+$/, "")))
  expect([...kinds].sort()).toEqual(["CONT", "KILL", "STOP", "TERM", "exit", "sleep", "sleep 0.1"])
})
