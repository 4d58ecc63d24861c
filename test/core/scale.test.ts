import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

describe("SIGTTIN", () => {
  test("forks one more worker with the lowest free number, which does not count as a respawn", () => {
    const pool = new PoolInSteps().run()
    expect(pool.signal("SIGTTIN")).toEqual(["announce scale from 2 to 3", "fork worker 3 (#3)"])
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("fills the gap that SIGTTOU has left", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    pool.signal("SIGTTOU")
    pool.exit(1)
    expect(pool.slots).toBe("2:ready 3:ready")
    expect(pool.signal("SIGTTIN")).toContain("fork worker 1 (#4)")
  })

  test("takes back a slot that is stopping, and restores it when its process has exited, which does not count as a respawn", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTTOU")
    expect(pool.signal("SIGTTIN")).toEqual(["announce scale from 1 to 2"])
    expect(pool.slots).toBe("1:ready-stopping-restore 2:ready")
    expect(pool.exit(1)).toEqual(["fork worker 1 (#3)"])
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("only changes the target before the first fork", () => {
    const pool = new PoolInSteps()
    expect(pool.signal("SIGTTIN")).toEqual(["announce scale from 2 to 3"])
    expect(pool.start()).toHaveLength(3)
  })
})

describe("SIGTTOU", () => {
  test("asks the oldest worker to stop", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    pool.exit(1, 1)
    pool.ready(1)
    expect(pool.signal("SIGTTOU")).toEqual([
      "announce scale from 3 to 2",
      "stop worker 2 (#2) with SIGTERM",
    ])
  })

  test("never goes below one worker", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.signal("SIGTTOU")
    expect(pool.signal("SIGTTOU")).toEqual([])
    expect(pool.state.target).toBe(1)
    expect(pool.slots).toBe("1:ready-stopping-remove 2:ready")
  })

  test("frees the slot when its process has exited, and respawns nothing", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTTOU")
    expect(pool.exit(1, 1)).toEqual([])
    expect(pool.slots).toBe("2:ready")
  })

  test("removes a finished slot first", () => {
    const pool = new PoolInSteps({
      workers: 4,
      respawn: "on-failure",
      backoff: { min: 1_000 },
    }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    pool.exit(2, 0)
    pool.signalWorkerAlone(3)
    expect(pool.slots).toBe("1:waiting 2:finished 3:ready-stopping 4:ready")
    expect(pool.signal("SIGTTOU")).toEqual(["announce scale from 4 to 3"])
    expect(pool.slots).toBe("1:waiting 3:ready-stopping 4:ready")
  })

  test("removes a waiting slot if none is finished", () => {
    const pool = new PoolInSteps({ workers: 3, backoff: { min: 1_000 } }).run()
    pool.exit(3, 1)
    pool.exit(3, 1)
    pool.signalWorkerAlone(2)
    pool.signal("SIGTTOU")
    expect(pool.slots).toBe("1:ready 2:ready-stopping")
    expect(pool.pass(5_000)).toEqual([])
  })

  test("removes a slot that is already stopping before one that serves, without asking its worker again", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    pool.signalWorkerAlone(3)
    expect(pool.signal("SIGTTOU")).toEqual(["announce scale from 3 to 2"])
    expect(pool.slots).toBe("1:ready 2:ready 3:ready-stopping-remove")
    expect(pool.exit(3)).toEqual([])
  })

  test("kills a worker that boots", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.signal("SIGTTOU")).toEqual(["announce scale from 2 to 1", "kill worker 2 (#2)"])
    expect(pool.exit(2, null, "SIGKILL")).toEqual([])
    expect(pool.slots).toBe("1:booting")
  })

  test("stops a worker that is not ready yet before one that serves, even if that one is older", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.signal("SIGTTIN")
    pool.hello(3)
    expect(pool.signal("SIGTTOU")).toContain("stop worker 3 (#3) with SIGTERM")
    expect(pool.slots).toBe("1:ready 2:ready 3:starting-stopping-remove")
  })
})

describe("scale()", () => {
  test.each<[string, (pool: PoolInSteps) => void, string]>([
    [
      "waits for its respawn",
      (pool) => (pool.exit(1, 1), pool.hello(1), pool.exit(1, 1)),
      "3:ready",
    ],
    ["is stopping", (pool) => pool.signalWorkerAlone(1), "1:ready-stopping-remove 3:ready"],
    ["is not ready", (pool) => pool.exit(1, 1), "1:killed-remove 3:ready"],
  ])(
    "down removes a slot whose worker %s before the highest one that serves",
    (_, prepare, left) => {
      const pool = new PoolInSteps({ workers: 3 }).run()
      prepare(pool)
      pool.scale(2)
      expect(pool.slots).toBe(left.replace("3:ready", "2:ready 3:ready"))
    },
  )

  test("up forks the lowest free numbers", () => {
    const pool = new PoolInSteps().run()
    expect(pool.scale(4)).toEqual([
      "announce scale from 2 to 4",
      "fork worker 3 (#3)",
      "fork worker 4 (#4)",
    ])
  })

  test("down stops the workers with the highest numbers", () => {
    const pool = new PoolInSteps({ workers: 4 }).run()
    expect(pool.scale(2)).toEqual([
      "announce scale from 4 to 2",
      "stop worker 4 (#4) with SIGTERM",
      "stop worker 3 (#3) with SIGTERM",
    ])
  })

  test("to the current target changes nothing", () => {
    const pool = new PoolInSteps().run()
    const before = pool.state
    expect(pool.scale(2)).toEqual([])
    expect(pool.state).toBe(before)
  })

  test("down and up again takes back the slots with the lowest numbers", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    pool.scale(1)
    pool.scale(2)
    expect(pool.slots).toBe("1:ready 2:ready-stopping-restore 3:ready-stopping-remove")
  })

  test("down and up again restores a slot whose worker was signaled only after the group signal window", () => {
    const pool = new PoolInSteps().run()
    pool.signalWorker(2, "SIGTERM")
    pool.scale(1)
    pool.scale(2)
    expect(pool.exit(2)).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 2 (#3)"])
    expect(pool.state.respawnedAt).toEqual([])
  })
})
