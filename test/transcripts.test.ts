/**
 * Promises as transcripts: each scenario runs a pool on the fake platform, and test/transcripts keeps what happened. If a
 * decision changes, the text changes. `npx vitest run --project unit test/transcripts.test.ts -u` writes the files: read
 * the differences before you commit them.
 */
import { readdirSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { kamisama } from "../src/index.ts"
import { fakePlatform, type PoolMove, poolModel } from "../src/fake.ts"
import { checkLog } from "../src/proof/rules/check-log.ts"
import { exclusiveScenarios } from "./transcripts/leader.ts"
import { foundRuns, foundScenarios } from "./transcripts/found.ts"
import { handleScenarios } from "./transcripts/handle.ts"
import { heartbeatScenarios } from "./transcripts/heartbeat.ts"
import { recycleScenarios } from "./transcripts/recycle.ts"
import { reloadScenarios } from "./transcripts/reload.ts"
import { respawnScenarios } from "./transcripts/respawn.ts"
import { scaleScenarios } from "./transcripts/scale.ts"
import { sparesScenarios } from "./transcripts/spares.ts"
import { signalsScenarios } from "./transcripts/signals.ts"
import { stopScenarios } from "./transcripts/stop.ts"
import { upgradeScenarios } from "./transcripts/upgrade.ts"
import { workerScenarios } from "./transcripts/worker.ts"

const scenarios = [
  ...handleScenarios,
  ...workerScenarios,
  ...signalsScenarios,
  ...stopScenarios,
  ...respawnScenarios,
  ...scaleScenarios,
  ...sparesScenarios,
  ...foundScenarios,
  ...reloadScenarios,
  ...heartbeatScenarios,
  ...recycleScenarios,
  ...exclusiveScenarios,
  ...upgradeScenarios,
]

function fileOf(promise: string): string {
  return `${promise.replaceAll(/[^A-Za-z0-9]+/g, "-")}.txt`
}

describe("a transcript", () => {
  test.each(scenarios)("$promise", async (scenario) => {
    const { promise, options, os: world, play, isUnfinished, latenessMs: slackMs } = scenario
    const os = fakePlatform(world)
    const pool = kamisama({ workers: 2, run: () => undefined, ...options, platform: os })
    await play(os, pool)
    const file = `transcripts/${fileOf(promise)}`
    await expect(`${promise}\n\n${os.transcript()}`).toMatchFileSnapshot(file)
    expect(checkLog(os.log, { slackMs, isComplete: isUnfinished !== true })).toEqual([])
    if (isUnfinished !== true) expect(os.pendingTimers).toBe(0)
  })

  test.each(foundRuns)("$promise", async ({ promise, options, moves }) => {
    const model = poolModel(options)
    const made: PoolMove[] = []
    let { initial: world } = model
    for (const words of moves) {
      const move = model.moves(world).find((possible) => model.describe(possible) === words)
      if (move === undefined) throw new Error(`it never happens there that ${words}`)
      const { state, violation } = model.next(world, move)
      expect(violation).toBeUndefined()
      made.push(move)
      world = state
    }
    const file = `transcripts/${fileOf(promise)}`
    await expect(`${promise}\n\n${model.format(made, false)}`).toMatchFileSnapshot(file)
  })

  test("has a name of its own, and belongs to a scenario that exists", () => {
    const named = [...scenarios, ...foundRuns].map(({ promise }) => fileOf(promise))
    expect(new Set(named).size).toBe(named.length)
    const files = readdirSync(new URL("transcripts/", import.meta.url))
    expect(files.filter((file) => file.endsWith(".txt") && !named.includes(file))).toEqual([])
  })
})
