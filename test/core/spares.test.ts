/** Spares: when one is forked, which slot it fills, and when it is discarded. */
import { describe, expect, test } from "vitest"
import { describeDue, nextDue } from "../../src/core/index.ts"
import type { PlanOptions } from "../../src/core/index.ts"
import { PoolInSteps } from "./pool-in-steps.ts"

const options: PlanOptions = { workers: 2, spares: 1 }

/** A pool that serves, with a spare that has loaded the program. */
function withSpare(more: PlanOptions = {}): PoolInSteps {
  const pool = new PoolInSteps({ ...options, ...more }).run()
  pool.hello(0)
  return pool
}

/** The spares, as the phases of their processes. */
function spares(pool: PoolInSteps): readonly string[] {
  return pool.state.spares.map(({ worker: { phase, stop, killed } }) =>
    killed ? "killed" : stop === null ? phase : `${phase}-stopping`,
  )
}

describe("a spare", () => {
  test("is forked once every worker is ready, and waits after its hello", () => {
    const pool = new PoolInSteps(options)
    pool.start()
    pool.ready(1)
    pool.hello(2)
    expect(
      pool.commands({ type: "worker-became-ready", worker: { slot: 2, incarnation: 2 } }),
    ).toEqual(["fork spare (#3)"])
    expect(pool.hello(0)).toEqual([])
    expect(spares(pool)).toEqual(["loaded"])
    expect(pool.slots).toBe("1:ready 2:ready")
  })

  test("is not forked without the option", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    expect(pool.state.spares).toEqual([])
  })

  test("fills the slot of a worker that dies, and the next one follows once that is ready", () => {
    const pool = withSpare()
    expect(pool.exit(2, null, "SIGKILL")).toEqual(["run worker 2 (#3)"])
    expect(pool.slots).toBe("1:ready 2:starting")
    expect(
      pool.commands({ type: "worker-became-ready", worker: { slot: 2, incarnation: 3 } }),
    ).toEqual(["fork spare (#4)"])
    expect(pool.state.respawnedAt).toEqual([0])
  })

  test("fills a slot that is added, and one whose worker is recycled", () => {
    const pool = withSpare()
    expect(pool.scale(3)).toEqual(["announce scale from 2 to 3", "run worker 3 (#3)"])
    pool.commands({ type: "worker-became-ready", worker: pool.worker(3) })
    pool.hello(0)
    pool.pass(5_000)
    expect(pool.commands({ type: "worker-asked-for-replacement", worker: pool.worker(1) })).toEqual(
      ["run worker 1 (#4)"],
    )
    expect(pool.slots).toBe("1:ready 1:starting-replacement 2:ready 3:ready")
  })

  test("that still boots fills nothing", () => {
    const pool = new PoolInSteps(options).run()
    expect(pool.exit(1, 1)).toEqual(["fork worker 1 (#4)"])
  })

  test("waits for its backoff like the slot that it fills", () => {
    const pool = withSpare()
    pool.exit(1, 1)
    pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })
    pool.hello(0)
    expect(pool.exit(1, 1)).toEqual([])
    expect(pool.pass(150)).toEqual(["run worker 1 (#4)"])
  })

  test("has until then to become ready that a process has that is forked", () => {
    const pool = withSpare({ startTimeout: 500 })
    pool.pass(10_000)
    pool.exit(1, 1)
    expect(pool.pass(499)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#3)"])
  })

  test("that hangs while it loads the program is killed, and the next one waits", () => {
    const pool = new PoolInSteps({ ...options, startTimeout: 500 }).run()
    expect(pool.pass(500)).toEqual(["kill spare (#3)"])
    expect(pool.exit(0, null, "SIGKILL")).toEqual([])
    expect(describeDue(nextDue(pool.state)!)).toBe("a spare is started")
    expect(pool.pass(100)).toEqual(["fork spare (#4)"])
  })

  test("that fails again and again is replaced ever later, and that is no restart of a worker", () => {
    const pool = new PoolInSteps(options).run()
    const waits: number[] = []
    for (let count = 0; count < 12; count += 1) {
      pool.exit(0, 1)
      const from = pool.now
      while (pool.state.spares.length === 0) pool.pass(10)
      waits.push(pool.now - from)
    }
    expect(waits.slice(0, 2)).toEqual([100, expect.any(Number)])
    expect(waits.at(-1)).toBe(30_000)
    expect(waits).toEqual(waits.toSorted((one, other) => one - other))
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("that fails waits for a minute with the backoff off", () => {
    const pool = new PoolInSteps({ ...options, backoff: false }).run()
    pool.exit(0, 1)
    expect(pool.pass(59_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork spare (#4)"])
  })

  test("that cannot be forked is tried again later", () => {
    const pool = new PoolInSteps(options).run()
    pool.commands({ type: "fork-failed", worker: { slot: 0, incarnation: 3 }, error: "EAGAIN" })
    expect(pool.pass(99)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork spare (#4)"])
  })

  test("waits no longer once one has filled a slot", () => {
    const pool = new PoolInSteps(options).run()
    for (let count = 0; count < 8; count += 1) {
      pool.exit(0, 1)
      pool.pass(30_000)
    }
    pool.hello(0)
    pool.exit(1, 1)
    pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })
    pool.exit(0, 1)
    expect(pool.pass(100)).toEqual([expect.stringContaining("fork spare")])
  })

  test("that gets a stop signal alone is stopped once no group can be meant, and the next one comes", () => {
    const pool = withSpare()
    expect(pool.signalWorker(0, "SIGTERM")).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["stop spare (#3) with SIGTERM"])
    expect(pool.exit(0)).toEqual(["fork spare (#4)"])
  })

  test("that ends by itself at a signal is not taken for a failure", () => {
    const pool = withSpare()
    pool.signalWorker(0, "SIGTERM")
    expect(pool.exit(0, 143)).toEqual([])
    expect(pool.pass(250)).toEqual(["fork spare (#4)"])
    expect(pool.state.spareBackoff?.attempt).toBe(0)
  })

  test("that is ended by a signal while it boots is not taken for a failure", () => {
    const pool = new PoolInSteps(options).run()
    pool.exit(0, null, "SIGTERM")
    expect(pool.pass(250)).toEqual(["fork spare (#4)"])
    expect(pool.state.spareBackoff?.attempt).toBe(0)
  })

  test("is known by its serial number, whichever slot a late report names", () => {
    const pool = withSpare()
    pool.exit(1, 1)
    const spare = { slot: 0, incarnation: 3 }
    const exit = { type: "worker-exited", worker: spare, code: 1, signal: null } as const
    expect(pool.commands(exit)).toEqual([])
    expect(pool.slots).toBe("1:waiting 2:ready")
  })

  test("asks for nothing before it fills a slot", () => {
    const pool = withSpare()
    const spare = { slot: 0, incarnation: 3 }
    for (const type of [
      "worker-became-ready",
      "worker-asked-for-replacement",
      "worker-asked-for-leadership",
    ] as const) {
      const before = pool.state
      expect(pool.commands({ type, worker: spare })).toEqual([])
      expect(pool.state).toBe(before)
    }
  })
})

describe("spares", () => {
  test("are begun one by one, and the oldest that is loaded is taken first", () => {
    const pool = new PoolInSteps({ workers: 1, spares: 2 }).run()
    expect(spares(pool)).toEqual(["booting"])
    expect(pool.hello(0)).toEqual(["fork spare (#3)"])
    expect(pool.exit(1, 1)).toEqual(["run worker 1 (#2)"])
    expect(spares(pool)).toEqual(["booting"])
  })

  test("are discarded when a reload begins, and begun again when it is over", () => {
    const pool = withSpare({ workers: 1 })
    expect(pool.reload()).toEqual([
      "announce reload started",
      "stop spare (#2) with SIGTERM",
      "fork worker 1 (#3)",
    ])
    pool.exit(0)
    pool.ready("1+")
    expect(spares(pool)).toEqual([])
    expect(pool.exit(1)).toEqual(["announce reload finished", "fork spare (#4)"])
  })

  test("are not begun after a reload that was aborted, until another one has finished", () => {
    const pool = withSpare({ workers: 1 })
    pool.reload()
    pool.exit(0)
    expect(pool.exit("1+", 1)).toEqual(["announce reload aborted"])
    expect(pool.pass(100_000)).toEqual([])
    pool.reload()
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["announce reload finished", "fork spare (#5)"])
  })

  test("that have hung while they waited do not hold a slot for ever", () => {
    const pool = withSpare({ workers: 1 })
    pool.exit(1, 1)
    expect(pool.pass(29_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#2)"])
  })

  test("that are on their way out count, so that there are never more than wanted", () => {
    const pool = withSpare({ workers: 1 })
    pool.reload()
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["announce reload finished"])
    expect(pool.exit(0)).toEqual(["fork spare (#4)"])
  })

  test("are asked to stop with the pool, which is done once they have ended", () => {
    const pool = withSpare({ workers: 1 })
    expect(pool.signal("SIGTERM")).toEqual([
      "announce stop",
      "stop spare (#2) with SIGTERM",
      "stop worker 1 (#1) with SIGTERM",
    ])
    expect(pool.exit(1)).toEqual([])
    expect(pool.exit(0)).toEqual(["finish with code 0"])
  })

  test("are killed if they boot as the pool stops, which is no failure", () => {
    const pool = new PoolInSteps({ workers: 1, spares: 1 }).run()
    expect(pool.signal("SIGTERM")).toContain("kill spare (#2)")
    pool.exit(0, null, "SIGKILL")
    expect(pool.exit(1)).toEqual(["finish with code 0"])
  })

  test("are discarded once every slot is finished, and then the pool is done", () => {
    const pool = withSpare({ workers: 1, respawn: "on-failure" })
    expect(pool.exit(1)).toEqual(["stop spare (#2) with SIGTERM"])
    expect(pool.exit(0)).toEqual(["finish with code 0"])
  })
})
