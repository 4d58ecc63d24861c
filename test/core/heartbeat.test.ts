import { describe, expect, test } from "vitest"
import { nextDeadline } from "../../src/core/index.ts"
import { planOf, PoolInSteps as Pool } from "./pool-in-steps.ts"

const options = { workers: 1, heartbeatTimeout: 3_000, timeout: 10_000 } as const

/** A pool without the grace for the next heartbeat, which has tests of its own. */
class PoolInSteps extends Pool {
  constructor(given: ConstructorParameters<typeof Pool>[0]) {
    super(given, { heartbeatGraceMs: 0 })
  }
}

function sendHeartbeat(pool: PoolInSteps, id: 1 | "1+" = 1): readonly string[] {
  return pool.commands({ type: "worker-sent-heartbeat", worker: pool.worker(id), agoMs: 0 })
}

describe("the heartbeat timeout", () => {
  test("kills a worker that sends no heartbeat once it is ready, and the worker is respawned", () => {
    const pool = new PoolInSteps(options).run()
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#2)"])
    expect(pool.state.respawnedAt).toEqual([3_000])
  })

  test("counts from the latest heartbeat", () => {
    const pool = new PoolInSteps(options).run()
    for (let count = 0; count < 10; count += 1) {
      pool.pass(2_999)
      expect(sendHeartbeat(pool)).toEqual([])
    }
    expect(pool.pass(2_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("counts from when the heartbeat was sent, not from when it is seen", () => {
    const pool = new PoolInSteps(options).run()
    pool.pass(2_900)
    const worker = pool.worker(1)
    expect(pool.commands({ type: "worker-sent-heartbeat", worker, agoMs: 400 })).toEqual([])
    expect(pool.pass(2_599)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("is not shortened by a heartbeat that was sent before the worker was ready", () => {
    const pool = new PoolInSteps(options).run()
    const before = pool.state
    const worker = pool.worker(1)
    pool.commands({ type: "worker-sent-heartbeat", worker, agoMs: 10 })
    expect(pool.state).toBe(before)
  })

  test("has a grace of up to one heartbeat interval, because a worker may block right before its next heartbeat", () => {
    const pool = new Pool(options).run()
    expect(pool.pass(3_749)).toEqual([])
    sendHeartbeat(pool)
    expect(pool.pass(3_749)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test.each([
    [1, 1, 1],
    [10, 3, 3],
    [1_000, 250, 250],
    [4_000, 1_000, 1_000],
    [4_001, 1_000, 1_000],
    [60_000, 1_000, 1_000],
  ])(
    "of %i ms expects a heartbeat every %i ms, with %i ms of grace",
    (heartbeatTimeout, every, grace) => {
      const { heartbeatIntervalMs, heartbeatGraceMs } = planOf({ heartbeatTimeout })
      expect({ heartbeatIntervalMs, heartbeatGraceMs }).toEqual({
        heartbeatIntervalMs: every,
        heartbeatGraceMs: grace,
      })
    },
  )

  test("expects no heartbeats if it is off", () => {
    expect(planOf()).toMatchObject({ heartbeatIntervalMs: 0, heartbeatGraceMs: 0 })
  })

  test("is the reason of the kill, with its figure", () => {
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
    sendHeartbeat(pool)
    expect(nextDeadline(pool.state)).toBeNull()
  })

  test("does not apply to a worker that starts during a suspend: its start timeout is renewed", () => {
    const pool = new PoolInSteps({ workers: 1, startTimeout: 500 })
    pool.start()
    pool.now = 5_000
    expect(pool.commands({ type: "deadline-reached" })).toEqual([])
    expect(nextDeadline(pool.state)).toBe(5_500)
    pool.ready(1)
    expect(nextDeadline(pool.state)).toBeNull()
  })

  test("ignores a late heartbeat of a dead worker", () => {
    const pool = new PoolInSteps(options).run()
    const worker = pool.worker(1)
    pool.exit(1, 1)
    const { state } = pool
    pool.commands({ type: "worker-sent-heartbeat", worker, agoMs: 0 })
    expect(pool.state).toBe(state)
  })

  test("replaces the start timeout when the worker is ready", () => {
    const pool = new PoolInSteps({ ...options, startTimeout: 500 })
    pool.start()
    expect(nextDeadline(pool.state)).toBe(500)
    pool.ready(1)
    expect(nextDeadline(pool.state)).toBe(3_000)
  })

  test("sets no deadline if it is off, even if workers send heartbeats", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    const { state } = pool
    sendHeartbeat(pool)
    expect(nextDeadline(pool.state)).toBeNull()
    expect(pool.state).toEqual(state)
  })

  test("ends when the worker is asked to stop, and a later heartbeat does not start it again", () => {
    const pool = new PoolInSteps(options).run()
    pool.signal("SIGTERM")
    sendHeartbeat(pool)
    expect(pool.pass(9_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
  })

  test("kills a worker once, and a heartbeat that arrives after the kill changes nothing", () => {
    const pool = new PoolInSteps(options).run()
    pool.pass(3_000)
    sendHeartbeat(pool)
    expect(nextDeadline(pool.state)).toBeNull()
    expect(pool.pass(20_000)).toEqual([])
  })

  test.each([
    [999, true],
    [1_000, false],
  ])("kills a worker if the primary wakes up %i ms late: %s", (lateness, isKilled) => {
    const pool = new PoolInSteps(options).run()
    pool.now = 3_000 + lateness
    const commands = pool.commands({ type: "deadline-reached" })
    expect(commands).toEqual(isKilled ? ["kill worker 1 (#1)"] : [])
    if (!isKilled) {
      expect(pool.pass(2_999)).toEqual([])
      expect(pool.pass(1)).toEqual(["kill worker 1 (#1)"])
    }
  })

  test("is renewed after the primary was blocked, and the start timeout is renewed, too", () => {
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

  test("aborts a reload whose replacement hangs on probation", () => {
    const pool = new PoolInSteps({ ...options, reload: { minReadyTime: 10_000 } }).run()
    pool.reload()
    pool.ready("1+")
    pool.now = 2_000
    sendHeartbeat(pool)
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

  test("lets the replacement of a reload take over if the old worker hangs", () => {
    const pool = new PoolInSteps({ ...options, reload: { minReadyTime: 10_000 } }).run()
    pool.now = 1_000
    pool.reload()
    pool.ready("1+")
    pool.now = 3_000
    expect(pool.commands({ type: "deadline-reached" })).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["announce reload finished"])
  })
})
