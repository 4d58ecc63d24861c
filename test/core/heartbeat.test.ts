import { describe, expect, test } from "vitest"
import { nextDeadline } from "../../src/core/index.ts"
import { planOf, PoolInSteps as Pool } from "./pool-in-steps.ts"

const options = { workers: 1, heartbeatTimeout: 3_000, timeout: 10_000 } as const

/** One whose workers answer all the time; how long the way to the next answer is has tests of its own. */
class PoolInSteps extends Pool {
  constructor(given: ConstructorParameters<typeof Pool>[0]) {
    super(given, { heartbeatGraceMs: 0 })
  }
}

function answer(pool: PoolInSteps, whom: 1 | "1+" = 1): readonly string[] {
  return pool.commands({ type: "worker-sent-heartbeat", worker: pool.worker(whom) })
}

describe("heartbeat", () => {
  test("kills a worker that has not answered since it was ready, and respawns it", () => {
    const pool = new PoolInSteps(options).run()
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#2)"])
    expect(pool.state.respawnedAt).toEqual([3_000])
  })

  test("counts from the latest answer", () => {
    const pool = new PoolInSteps(options).run()
    for (let count = 0; count < 10; count += 1) {
      pool.pass(2_999)
      expect(answer(pool)).toEqual([])
    }
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("waits as much longer as it may take to the next answer: it may be blocked right before it", () => {
    const pool = new Pool(options).run()
    expect(pool.pass(3_749)).toEqual([])
    answer(pool)
    expect(pool.pass(3_749)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test.each([
    [1, 1, 1],
    [10, 3, 3],
    [1_000, 250, 250],
    [4_000, 1_000, 1_000],
    [4_001, 1_001, 1_000],
    [8_000, 2_000, 1_000],
    [60_000, 2_000, 1_000],
  ])("of %i ms is answered every %i ms, with %i ms of grace", (heartbeatTimeout, every, grace) => {
    const { heartbeatIntervalMs, heartbeatGraceMs } = planOf({ heartbeatTimeout })
    expect({ heartbeatIntervalMs, heartbeatGraceMs }).toEqual({
      heartbeatIntervalMs: every,
      heartbeatGraceMs: grace,
    })
  })

  test("is answered by nobody where it is off", () => {
    expect(planOf()).toMatchObject({ heartbeatIntervalMs: 0, heartbeatGraceMs: 0 })
  })

  test("gives its reason", () => {
    const pool = new PoolInSteps(options).run()
    pool.now = 3_000
    expect(pool.tell({ type: "deadline-reached" })).toMatchObject([
      { type: "kill-worker", reason: { rule: "heartbeat-timeout", heartbeatTimeoutMs: 3_000 } },
    ])
  })

  test("begins when the worker is ready", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    expect(nextDeadline(pool.state)).toBeNull()
    pool.hello(1)
    answer(pool)
    expect(nextDeadline(pool.state)).toBeNull()
  })

  test("counts from the fork, and not from the heartbeat, for a worker that starts after a suspend", () => {
    const pool = new PoolInSteps({ workers: 1, startTimeout: 500 })
    pool.start()
    pool.now = 5_000
    expect(pool.commands({ type: "deadline-reached" })).toEqual([])
    expect(nextDeadline(pool.state)).toBe(5_500)
    pool.ready(1)
    expect(nextDeadline(pool.state)).toBeNull()
  })

  test("does not know the dead", () => {
    const pool = new PoolInSteps(options).run()
    const worker = pool.worker(1)
    pool.exit(1, 1)
    const { state } = pool
    pool.commands({ type: "worker-sent-heartbeat", worker })
    expect(pool.state).toBe(state)
  })

  test("takes the place of the start timeout", () => {
    const pool = new PoolInSteps({ ...options, startTimeout: 500 })
    pool.start()
    expect(nextDeadline(pool.state)).toBe(500)
    pool.ready(1)
    expect(nextDeadline(pool.state)).toBe(3_000)
  })

  test("asks nobody where it is off", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    const { state } = pool
    answer(pool)
    expect(nextDeadline(pool.state)).toBeNull()
    expect(pool.state).toEqual(state)
  })

  test("ends when the worker is asked to stop, and an answer does not bring it back", () => {
    const pool = new PoolInSteps(options).run()
    pool.signal("SIGTERM")
    answer(pool)
    expect(pool.pass(9_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("kills once, and an answer that was on its way does not matter", () => {
    const pool = new PoolInSteps(options).run()
    pool.pass(3_000)
    answer(pool)
    expect(nextDeadline(pool.state)).toBeNull()
    expect(pool.pass(20_000)).toEqual([])
  })

  test.each([
    [999, true],
    [1_000, false],
  ])("where the primary wakes up %i ms late", (lateness, isKilled) => {
    const pool = new PoolInSteps(options).run()
    pool.now = 3_000 + lateness
    const commands = pool.commands({ type: "deadline-reached" })
    expect(commands).toEqual(isKilled ? ["kill worker 1 (#1)"] : [])
    if (!isKilled) {
      expect(pool.pass(2_999)).toEqual([])
      expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    }
  })

  test("renews, after the primary was away, whoever answers and whoever starts", () => {
    const pool = new PoolInSteps({ ...options, workers: 2, startTimeout: 5_000 })
    pool.start()
    pool.ready(1)
    pool.now = 20_000
    expect(pool.commands({ type: "deadline-reached" })).toEqual([])
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    expect(pool.pass(1_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 2 (#2)"])
  })

  test("aborts a reload whose new worker hangs on its trial", () => {
    const pool = new PoolInSteps({ ...options, reload: { minReadyTime: 10_000 } }).run()
    pool.reload()
    pool.ready("1+")
    pool.now = 2_000
    answer(pool)
    pool.now = 3_000
    expect(pool.tell({ type: "deadline-reached" })).toMatchObject([
      { type: "kill-worker", worker: { incarnation: 2 } },
      {
        type: "announce-reload",
        phase: "aborted",
        reason: { rule: "replacement-failed", failure: "unresponsive" },
      },
    ])
  })

  test("lets the new worker of a reload take over where the old one hangs", () => {
    const pool = new PoolInSteps({ ...options, reload: { minReadyTime: 10_000 } }).run()
    pool.now = 1_000
    pool.reload()
    pool.ready("1+")
    pool.now = 3_000
    expect(pool.commands({ type: "deadline-reached" })).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["announce reload finished"])
  })
})
