import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

describe("a worker's start", () => {
  test("started() forks a worker for every wanted slot, once", () => {
    const pool = new PoolInSteps({ workers: 3 })
    expect(pool.start()).toEqual(["fork worker 1 (#1)", "fork worker 2 (#2)", "fork worker 3 (#3)"])
    expect(pool.start()).toEqual([])
  })

  test("workerSaidHello() runs a worker, once", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.hello(1)).toEqual(["run worker 1 (#1)"])
    expect(pool.hello(1)).toEqual([])
  })

  test("workerSaidHello() changes nothing if the worker was killed by then", () => {
    const pool = new PoolInSteps()
    pool.start()
    pool.signal("SIGTERM")
    const before = pool.state
    expect(pool.hello(2)).toEqual([])
    expect(pool.state).toBe(before)
  })

  test("workerBecameReady() changes nothing before the hello", () => {
    const pool = new PoolInSteps()
    pool.start()
    const before = pool.state
    pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })
    expect(pool.state).toBe(before)
  })

  test("workerBecameReady() changes nothing for a worker that was asked to stop", () => {
    const pool = new PoolInSteps()
    pool.start()
    pool.hello(1)
    pool.signal("SIGTERM")
    const before = pool.state
    pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })
    expect(pool.state).toBe(before)
  })
})

describe("a worker's exit", () => {
  test("workerExited() respawns a worker at once the first time, even after code 0", () => {
    const pool = new PoolInSteps().run()
    expect(pool.exit(1, 0)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() changes nothing for an earlier incarnation", () => {
    const pool = new PoolInSteps().run()
    const gone = pool.worker(1)
    pool.exit(1, 1)
    const before = pool.state
    expect(pool.commands({ type: "worker-exited", worker: gone, code: 1, signal: null })).toEqual(
      [],
    )
    expect(pool.state).toBe(before)
  })

  test("workerExited() throws an error with [BUG] for a worker that was never forked", () => {
    const pool = new PoolInSteps().run()
    const worker = { slot: 1, incarnation: 3 }
    expect(() => pool.tell({ type: "worker-exited", worker, code: 1, signal: null })).toThrow(
      /^\[BUG\]/,
    )
  })

  test.each(["worker-said-hello", "worker-became-ready"] as const)(
    "%s changes nothing if it is about a dead worker",
    (type) => {
      const pool = new PoolInSteps({ backoff: { min: 1_000 } }).run()
      const gone = pool.worker(1)
      pool.exit(1, 1)
      const before = pool.state
      expect(pool.commands({ type, worker: gone })).toEqual([])
      expect(pool.state).toBe(before)
    },
  )

  test("workerExited() respawns a worker that exits before its hello like any other", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, 1)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() waits for the group signal window if a stop signal ended the worker before its hello", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, null, "SIGTERM")).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() does not wait if another signal ended the worker before its hello", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, null, "SIGSEGV")).toEqual(["fork worker 1 (#3)"])
  })
})

describe("the respawn policy", () => {
  test(`"on-failure" makes code 0 final, and no other code`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    expect(pool.exit(1, 0)).toEqual([])
    expect(pool.slots).toBe("1:finished 2:ready")
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#3)"])
  })

  test(`"on-failure" takes death by a signal as a failure`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#3)"])
  })

  test(`"never" makes every exit final, and the pool finishes with code 0 if all exits were 0`, () => {
    const pool = new PoolInSteps({ respawn: "never" }).run()
    expect(pool.exit(1, 0)).toEqual([])
    expect(pool.exit(2, 0)).toEqual(["finish with code 0"])
  })

  test(`"never" makes the pool finish with code 1 if one exit was not 0`, () => {
    const pool = new PoolInSteps({ respawn: "never" }).run()
    expect(pool.exit(1, 3)).toEqual([])
    expect(pool.exit(2, 0)).toEqual(["finish with code 1"])
  })

  test(`"on-failure" keeps the pool running until every slot is finished`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure", workers: 3 }).run()
    pool.exit(1, 0)
    pool.exit(2, 0)
    expect(pool.state.phase).toBe("running")
    expect(pool.exit(3, 0)).toEqual(["finish with code 0"])
  })

  test(`"on-failure" lets scaling down remove a finished slot, and keep the one that works`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    pool.exit(1, 0)
    pool.scale(1)
    expect(pool.slots).toBe("2:ready")
    expect(pool.exit(2, 0)).toEqual(["finish with code 0"])
  })
})

describe("a failed fork", () => {
  const failed = (pool: PoolInSteps, id: number): readonly string[] =>
    pool.commands({ type: "fork-failed", worker: pool.worker(id), error: "EAGAIN" })

  test("is tried again no sooner than 100 ms later, which counts as a respawn", () => {
    const pool = new PoolInSteps({ backoff: false })
    pool.start()
    expect(failed(pool, 1)).toEqual([])
    expect(pool.pass(99)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
    expect(pool.state.respawnedAt).toEqual([100])
  })

  test("backs off like a death", () => {
    const pool = new PoolInSteps({ backoff: { min: 1_000, max: 1_000 } })
    pool.start()
    failed(pool, 1)
    pool.pass(100)
    failed(pool, 1)
    expect(pool.pass(999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#4)"])
  })

  test("waits for the group signal window of a signal that was reported before", () => {
    const pool = new PoolInSteps()
    pool.start()
    const worker = pool.worker(1)
    pool.commands({ type: "worker-was-signaled", worker, signal: "SIGTERM" })
    failed(pool, 1)
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("is tried again even if no exit is followed by a respawn", () => {
    const pool = new PoolInSteps({ respawn: "never" })
    pool.start()
    failed(pool, 2)
    expect(pool.pass(100)).toEqual(["fork worker 2 (#3)"])
  })

  test("frees its slot if that was scaled down", () => {
    const pool = new PoolInSteps()
    pool.start()
    pool.scale(1)
    failed(pool, 2)
    expect(pool.slots).toBe("1:booting")
  })

  test("ends a pool that stops with code 0", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    pool.signal("SIGTERM")
    expect(failed(pool, 1)).toEqual(["finish with code 0"])
  })
})
