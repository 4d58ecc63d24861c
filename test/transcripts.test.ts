/**
 * Promises as stories: each runs a pool on the fake platform, and its transcript is kept in test/transcripts. A change
 * of what kamisama decides shows there as a change of text. `npx vitest run --project unit -u` writes them anew; read
 * them before they are committed.
 */
import { readdirSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { kamisama } from "../src/index.ts"
import { fakePlatform, type PoolMove, poolModel } from "../src/fake.ts"
import { checkLog } from "../src/proof/rules/check-log.ts"
import { exclusiveStories } from "./transcripts/leader.ts"
import { foundHistories, foundStories } from "./transcripts/found.ts"
import { handleStories } from "./transcripts/handle.ts"
import { heartbeatStories } from "./transcripts/heartbeat.ts"
import { recycleStories } from "./transcripts/recycle.ts"
import { reloadStories } from "./transcripts/reload.ts"
import { respawnStories } from "./transcripts/respawn.ts"
import { scaleStories } from "./transcripts/scale.ts"
import { signalsStories } from "./transcripts/signals.ts"
import { stopStories } from "./transcripts/stop.ts"
import { workerStories } from "./transcripts/worker.ts"

const stories = [
  ...handleStories,
  ...workerStories,
  ...signalsStories,
  ...stopStories,
  ...respawnStories,
  ...scaleStories,
  ...foundStories,
  ...reloadStories,
  ...heartbeatStories,
  ...recycleStories,
  ...exclusiveStories,
]

function fileOf(promise: string): string {
  return `${promise.replaceAll(/[^A-Za-z0-9]+/g, "-")}.txt`
}

describe("stories", () => {
  test.each(stories)("$promise", async (transcript) => {
    const { promise, options, os: world, tell, isUnfinished, latenessMs: slackMs } = transcript
    const os = fakePlatform(world)
    const pool = kamisama({ workers: 2, run: () => undefined, ...options, platform: os })
    await tell(os, pool)
    const file = `transcripts/${fileOf(promise)}`
    await expect(`${promise}\n\n${os.transcript()}`).toMatchFileSnapshot(file)
    expect(checkLog(os.log, { slackMs, isComplete: isUnfinished !== true })).toEqual([])
    if (isUnfinished !== true) expect(os.pendingTimers).toBe(0)
  })

  test.each(foundHistories)("$promise", async ({ promise, options, moves }) => {
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

  test("no two have the same name, and no transcript is left of one that is gone", () => {
    const named = [...stories, ...foundHistories].map(({ promise }) => fileOf(promise))
    expect(new Set(named).size).toBe(named.length)
    const files = readdirSync(new URL("transcripts/", import.meta.url))
    expect(files.filter((file) => file.endsWith(".txt") && !named.includes(file))).toEqual([])
  })
})
