/**
 * The rules hold on the simulated operating system exactly, without any slack: whatever its processes do and whoever
 * signals whom.
 */
import { expect, test } from "vitest"
import { kamisama } from "../../../src/index.ts"
import { fakePlatform, type WorkerScript } from "../../../src/fake.ts"
import { checkLog } from "../../../src/proof/rules/check-log.ts"
import { randomOf } from "../../core/random-pool.ts"

const scripts: readonly WorkerScript[] = [
  {},
  { boot: 200 },
  { boot: false },
  { dies: { after: 50 } },
  { dies: { after: 400, code: 0 } },
  { stop: "ignore" },
  { stop: { after: 60, code: 1 } },
  { forkError: "EAGAIN" },
  { exitReportedAfter: 30 },
]

test("checkLog() finds nothing wrong with pools on the fake platform, and no timer is left", async () => {
  let finished = 0
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = randomOf(seed)
    const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T
    const os = fakePlatform({
      seed,
      reusePids: one([true, false]),
      workers: one([undefined, () => one(scripts)]),
    })
    kamisama({
      run: () => undefined,
      platform: os,
      log: "silent",
      workers: one([1, 2, 3]),
      timeout: one([100, 500]),
      waitForWorkers: random() < 0.8,
      respawn: one(["always", "on-failure", "never"] as const),
      respawnLimit: one([2, 10, Infinity]),
      respawnInterval: 2_000,
      startTimeout: one([false, 250] as const),
    })
    for (let count = 0; count < 40; count += 1) {
      await os.advance(one([0, 1, 10, 100, 300]))
      const alive = os.workers.map(({ id }) => id)
      const chance = random()
      if (chance < 0.03) os.signal(one(["SIGTERM", "SIGINT"]))
      else if (chance < 0.06) os.signalGroup("SIGINT", one(["primary", "workers"] as const))
      else if (chance < 0.3) os.signal(one(["SIGTTIN", "SIGTTOU"]))
      else if (chance < 0.4 && alive.length > 0) os.signalWorker(one(alive), "SIGTERM")
      else if (chance < 0.5 && alive.length > 0) os.crash(one(alive))
      else if (chance < 0.505) os.signal("SIGKILL")
    }
    await os.advance(1)
    os.signal("SIGTERM")
    await os.advance(10_000)
    const isFinished = os.log.some(
      (entry) => entry.kind === "command" && entry.command.type === "finish",
    )
    if (isFinished) finished += 1
    expect(checkLog(os.log, { isComplete: isFinished }), `seed ${seed}`).toEqual([])
    expect(os.pendingTimers, `seed ${seed}`).toBe(0)
    expect(os.workers, `seed ${seed}`).toEqual([])
  }
  expect(finished).toBeGreaterThan(200)
})
