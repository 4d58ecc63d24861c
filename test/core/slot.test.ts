import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

describe("a worker's start", () => {
  test("started() forks every wanted slot, once", () => {
    const pool = new PoolInSteps({ workers: 3 })
    expect(pool.start()).toEqual(["fork worker 1 (#1)", "fork worker 2 (#2)", "fork worker 3 (#3)"])
    expect(pool.start()).toEqual([])
  })

  test("workerSaidHello() tells a worker to run, once", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.hello(1)).toEqual(["run worker 1 (#1)"])
    expect(pool.hello(1)).toEqual([])
  })

  test("workerSaidHello() of a worker that is to stop asks it to stop, and never lets it run", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.signal("SIGTERM")).toEqual(["announce stop"])
    expect(pool.hello(2)).toEqual(["stop worker 2 (#2) with SIGTERM"])
    expect(pool.hello(2)).toEqual([])
  })

  test("workerBecameReady() before the hello changes nothing", () => {
    const pool = new PoolInSteps()
    pool.start()
    const before = pool.state
    pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })
    expect(pool.state).toBe(before)
  })

  test("workerBecameReady() of a worker that is to stop changes nothing", () => {
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
  test("workerExited() respawns at once the first time, with code 0 too", () => {
    const pool = new PoolInSteps().run()
    expect(pool.exit(1, 0)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() of an earlier incarnation changes nothing", () => {
    const pool = new PoolInSteps().run()
    const gone = pool.worker(1)
    pool.exit(1, 1)
    const before = pool.state
    expect(pool.commands({ type: "worker-exited", worker: gone, code: 1, signal: null })).toEqual(
      [],
    )
    expect(pool.state).toBe(before)
  })

  test("workerExited() of a worker that was never forked is a bug of ours", () => {
    const pool = new PoolInSteps().run()
    const worker = { slot: 1, incarnation: 3 }
    expect(() => pool.tell({ type: "worker-exited", worker, code: 1, signal: null })).toThrow(
      /^\[BUG\]/,
    )
  })

  test.each(["worker-said-hello", "worker-became-ready"] as const)(
    "%s of a worker that is dead changes nothing",
    (type) => {
      const pool = new PoolInSteps({ backoff: { min: 1_000 } }).run()
      const gone = pool.worker(1)
      pool.exit(1, 1)
      const before = pool.state
      expect(pool.commands({ type, worker: gone })).toEqual([])
      expect(pool.state).toBe(before)
    },
  )

  test("workerExited() before the hello respawns like any other", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, 1)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() by a stop signal before the hello waits for the signal's echo", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, null, "SIGTERM")).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("workerExited() by another signal before the hello does not wait", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.exit(1, null, "SIGSEGV")).toEqual(["fork worker 1 (#3)"])
  })
})

describe("the respawn policy", () => {
  test(`"on-failure": code 0 is final, another is not`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    expect(pool.exit(1, 0)).toEqual([])
    expect(pool.slots).toBe("1:finished 2:ready")
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#3)"])
  })

  test(`"on-failure": a signal is a failure`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#3)"])
  })

  test(`"never": every exit is final, and the pool is done with 0 when all were 0`, () => {
    const pool = new PoolInSteps({ respawn: "never" }).run()
    expect(pool.exit(1, 0)).toEqual([])
    expect(pool.exit(2, 0)).toEqual(["finish with code 0"])
  })

  test(`"never": the pool is done with 1 when one final exit was not 0`, () => {
    const pool = new PoolInSteps({ respawn: "never" }).run()
    expect(pool.exit(1, 3)).toEqual([])
    expect(pool.exit(2, 0)).toEqual(["finish with code 1"])
  })

  test("a pool that is not finished everywhere goes on", () => {
    const pool = new PoolInSteps({ respawn: "on-failure", workers: 3 }).run()
    pool.exit(1, 0)
    pool.exit(2, 0)
    expect(pool.state.phase).toBe("running")
    expect(pool.exit(3, 0)).toEqual(["finish with code 0"])
  })

  test("scaling down gives up what is finished, and leaves the last slot that works", () => {
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

  test("forkFailed() is tried again no sooner than 100 ms later, charged", () => {
    const pool = new PoolInSteps({ backoff: false })
    pool.start()
    expect(failed(pool, 1)).toEqual([])
    expect(pool.pass(99)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
    expect(pool.state.respawnedAt).toEqual([100])
  })

  test("forkFailed() backs off like a death", () => {
    const pool = new PoolInSteps({ backoff: { min: 1_000, max: 1_000 } })
    pool.start()
    failed(pool, 1)
    pool.pass(100)
    failed(pool, 1)
    expect(pool.pass(999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#4)"])
  })

  test("forkFailed() waits for the echo of a signal that was told of before", () => {
    const pool = new PoolInSteps()
    pool.start()
    const worker = pool.worker(1)
    pool.commands({ type: "worker-was-signaled", worker, signal: "SIGTERM" })
    failed(pool, 1)
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("forkFailed() is tried again even where no exit is", () => {
    const pool = new PoolInSteps({ respawn: "never" })
    pool.start()
    failed(pool, 2)
    expect(pool.pass(100)).toEqual(["fork worker 2 (#3)"])
  })

  test("forkFailed() of a slot that was given up frees it", () => {
    const pool = new PoolInSteps()
    pool.start()
    pool.scale(1)
    failed(pool, 2)
    expect(pool.slots).toBe("1:booting")
  })

  test("forkFailed() during a stop ends the pool with code 0", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    pool.signal("SIGTERM")
    expect(failed(pool, 1)).toEqual(["finish with code 0"])
  })
})
