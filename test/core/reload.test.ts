import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

/** Reloads one slot: the replacement becomes ready, and the old worker exits. */
function replace(pool: PoolInSteps, id: number): readonly string[] {
  return [...pool.ready(`${id}+`), ...pool.exit(id)]
}

describe("a reload", () => {
  test("replaces one worker after the other, new before old", () => {
    const pool = new PoolInSteps().run()
    expect(pool.reload()).toEqual(["announce reload started", "fork worker 1 (#3)"])
    expect(pool.ready("1+")).toEqual(["run worker 1 (#3)", "stop worker 1 (#1) with SIGTERM"])
    expect(pool.slots).toBe("1:ready-stopping-retired 1:ready 2:ready")
    expect(pool.exit(1)).toEqual(["fork worker 2 (#4)"])
    expect(pool.ready("2+")).toEqual(["run worker 2 (#4)", "stop worker 2 (#2) with SIGTERM"])
    expect(pool.exit(2)).toEqual(["announce reload finished"])
    expect(pool.slots).toBe("1:ready 2:ready")
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("asks the old worker to stop only when its replacement has been ready for minReadyTime", () => {
    const pool = new PoolInSteps({ reload: { minReadyTime: 500 } }).run()
    pool.reload()
    expect(pool.ready("1+")).toEqual(["run worker 1 (#3)"])
    expect(pool.pass(499)).toEqual([])
    expect(pool.pass(1)).toEqual(["stop worker 1 (#1) with SIGTERM"])
  })

  test("kills an old worker that does not stop, and continues", () => {
    const pool = new PoolInSteps({ timeout: 300 }).run()
    pool.reload()
    pool.ready("1+")
    expect(pool.pass(300)).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 2 (#4)"])
  })

  test("starts at a signal that is mapped to it", () => {
    const pool = new PoolInSteps({ signals: { SIGHUP: "reload" } }).run()
    expect(pool.signal("SIGHUP")).toContain("announce reload started")
  })

  test("replaces workers that were not ready yet", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    expect(pool.reload()).toEqual(["announce reload started", "fork worker 1 (#2)"])
    expect(pool.ready("1+")).toEqual(["run worker 1 (#2)", "kill worker 1 (#1)"])
    expect(pool.slots).toBe("1:killed-retired 1:ready")
    expect(pool.hello(1)).toEqual([])
  })

  test("skips finished slots, and finishes when all other workers are replaced", () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    pool.exit(1, 0)
    expect(pool.reload()).toEqual(["announce reload started", "fork worker 2 (#3)"])
    expect(replace(pool, 2)).toContain("announce reload finished")
  })

  test("waits for a slot whose respawn is pending, because the respawn loads the new code by itself", () => {
    const pool = new PoolInSteps({ backoff: { min: 1_000, max: 1_000 } }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(pool.slots).toBe("1:waiting 2:ready")
    expect(pool.reload()).toEqual(["announce reload started"])
    expect(pool.pass(1_000)).toEqual(["fork worker 1 (#4)"])
    expect(pool.ready(1)).toEqual(["run worker 1 (#4)", "fork worker 2 (#5)"])
  })

  test("changes nothing before the first fork, nor once the pool stops", () => {
    const pool = new PoolInSteps()
    expect(pool.reload()).toEqual([])
    pool.run()
    pool.signal("SIGTERM")
    expect(pool.reload()).toEqual([])
  })
})

describe("a reload of several slots at once", () => {
  const options = { workers: 3, reload: { atOnce: 2 } } as const

  test("goes on with the next slot as soon as one is replaced", () => {
    const pool = new PoolInSteps(options).run()
    expect(pool.reload()).toEqual([
      "announce reload started",
      "fork worker 1 (#4)",
      "fork worker 2 (#5)",
    ])
    expect(pool.ready("2+")).toEqual(["run worker 2 (#5)", "stop worker 2 (#2) with SIGTERM"])
    expect(pool.exit(2)).toEqual(["fork worker 3 (#6)"])
    expect(replace(pool, 1)).toEqual(["run worker 1 (#4)", "stop worker 1 (#1) with SIGTERM"])
    expect(replace(pool, 3)).toContain("announce reload finished")
    expect(pool.slots).toBe("1:ready 2:ready 3:ready")
  })

  test('replaces all of them side by side with atOnce: "all", also those that were added', () => {
    const pool = new PoolInSteps({ workers: 2, reload: { atOnce: "all" } }).run()
    pool.commands({ type: "scale-requested", target: 3 })
    pool.ready(3)
    expect(pool.reload()).toHaveLength(4)
    for (const id of [3, 1, 2]) replace(pool, id)
    expect(pool.state.reload).toBeNull()
    expect(pool.slots).toBe("1:ready 2:ready 3:ready")
  })

  test("waits for what an aborted one has left, so that there are never more processes", () => {
    const pool = new PoolInSteps(options).run()
    pool.reload()
    pool.hello("1+")
    pool.hello("2+")
    expect(pool.exit("1+", 1)).toEqual([
      "stop worker 2 (#5) with SIGTERM",
      "announce reload aborted",
    ])
    expect(pool.reload()).toEqual(["announce reload started", "fork worker 1 (#6)"])
  })

  test("stops the others if one of them fails, even if all of them are late", () => {
    const pool = new PoolInSteps({ ...options, startTimeout: 200 }).run()
    pool.reload()
    pool.hello("2+")
    expect(pool.pass(200)).toEqual([
      "kill worker 1 (#4)",
      "stop worker 2 (#5) with SIGTERM",
      "announce reload aborted",
    ])
  })

  test("gives each replacement its own trial", () => {
    const pool = new PoolInSteps({ workers: 2, reload: { atOnce: 2, minReadyTime: 500 } }).run()
    pool.reload()
    pool.ready("2+")
    pool.pass(100)
    pool.ready("1+")
    expect(pool.pass(400)).toEqual(["stop worker 2 (#2) with SIGTERM"])
    expect(pool.pass(100)).toEqual(["stop worker 1 (#1) with SIGTERM"])
  })
})

describe("a new worker", () => {
  test("that exits before it is ready aborts the reload, and the old worker stays", () => {
    const pool = new PoolInSteps().run()
    pool.reload()
    expect(pool.exit("1+", 1)).toEqual(["announce reload aborted"])
    expect(pool.slots).toBe("1:ready 2:ready")
    expect(pool.state.respawnedAt).toEqual([])
  })

  test("that exits within minReadyTime aborts the reload, and the old worker stays", () => {
    const pool = new PoolInSteps({ reload: { minReadyTime: 500 } }).run()
    pool.reload()
    pool.ready("1+")
    pool.pass(499)
    expect(pool.exit("1+", 1)).toEqual(["announce reload aborted"])
    expect(pool.slots).toBe("1:ready 2:ready")
    expect(pool.pass(10_000)).toEqual([])
  })

  test("that is not ready within 30 s is killed, even without a start timeout", () => {
    const pool = new PoolInSteps().run()
    pool.reload()
    expect(pool.pass(29_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#3)", "announce reload aborted"])
    expect(pool.exit("1+", null, "SIGKILL")).toEqual([])
    expect(pool.slots).toBe("1:ready 2:ready")
  })

  test("that is not ready within its start timeout is killed, if there is one", () => {
    const pool = new PoolInSteps({ startTimeout: 200 }).run()
    pool.reload()
    expect(pool.pass(200)).toEqual(["kill worker 1 (#3)", "announce reload aborted"])
  })

  test("that could not be forked aborts the reload", () => {
    const pool = new PoolInSteps().run()
    pool.reload()
    const worker = pool.worker("1+")
    expect(pool.commands({ type: "fork-failed", worker, error: "EAGAIN" })).toEqual([
      "announce reload aborted",
    ])
    expect(pool.slots).toBe("1:ready 2:ready")
  })

  test("that is signaled aborts the reload", () => {
    const pool = new PoolInSteps().run()
    pool.reload()
    pool.hello("1+")
    expect(pool.signalWorkerAlone("1+")).toEqual([
      "stop worker 1 (#3) with SIGTERM",
      "announce reload aborted",
    ])
    expect(pool.exit("1+")).toEqual([])
    expect(pool.slots).toBe("1:ready 2:ready")
  })

  test("that was respawned meanwhile and fails aborts the reload, and the replacement is asked to stop", () => {
    const pool = new PoolInSteps({ backoff: false }).run()
    pool.reload()
    pool.hello("1+")
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
    expect(pool.exit(2, 1)).toEqual([
      "stop worker 1 (#3) with SIGTERM",
      "announce reload aborted",
      "fork worker 2 (#5)",
    ])
    expect(pool.slots).toBe("1:ready 1:starting-stopping-retired 2:booting")
  })
})

describe("a worker that is respawned during a reload", () => {
  /** Worker 2 has died and has been ready again for 100 ms, while worker 1 is being replaced. */
  function respawned(): PoolInSteps {
    const pool = new PoolInSteps({ reload: { minReadyTime: 500 }, timeout: 1_000 }).run()
    pool.reload()
    pool.exit(2, 1)
    pool.ready(2)
    pool.now = 100
    return pool
  }

  test.each([499, 500, 20_000])(
    "aborts the reload if it exits, here %i ms after the start",
    (now) => {
      const pool = respawned()
      pool.now = now
      expect(pool.exit(2, 1)).toContain("announce reload aborted")
    },
  )

  test("does not abort the reload if a signal to the whole group ended it while it booted", () => {
    const pool = new PoolInSteps({ signals: { SIGHUP: "reload" } }).run()
    pool.reload()
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
    expect(pool.exit(2, null, "SIGHUP")).toEqual([])
    expect(pool.state.reload).not.toBeNull()
  })

  test("does not abort the reload if it was signaled and exits as it should", () => {
    const pool = respawned()
    pool.signalWorkerAlone(2)
    expect(pool.exit(2)).not.toContain("announce reload aborted")
  })

  test("does not abort the reload if it ends by itself at a signal", () => {
    const pool = respawned()
    pool.signalWorker(2, "SIGTERM")
    expect(pool.exit(2, 143)).not.toContain("announce reload aborted")
  })

  test("aborts the reload if it was signaled and had to be killed", () => {
    const pool = new PoolInSteps({ reload: { minReadyTime: 5_000 }, timeout: 1_000 }).run()
    pool.reload()
    pool.exit(2, 1)
    pool.ready(2)
    pool.signalWorkerAlone(2)
    pool.pass(1_000)
    expect(pool.exit(2, null, "SIGKILL")).toContain("announce reload aborted")
  })

  test("does not abort the reload if it was signaled while it booted", () => {
    const pool = new PoolInSteps().run()
    pool.reload()
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
    expect(pool.signalWorkerAlone(2)).toEqual(["kill worker 2 (#4)"])
    expect(pool.exit(2, null, "SIGKILL")).toEqual([])
    expect(pool.state.reload).not.toBeNull()
  })

  test("does not abort the reload by the death that came before its respawn", () => {
    const pool = new PoolInSteps({ reload: { minReadyTime: 500 } }).run()
    pool.reload()
    expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
  })
})

describe("while a worker is being replaced,", () => {
  test("the replacement takes over if the old worker dies, which does not count as a respawn", () => {
    const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 1_000 } }).run()
    pool.reload()
    expect(pool.exit(1, 1)).toEqual([])
    expect(pool.slots).toBe("1:booting")
    expect(pool.state.respawnedAt).toEqual([])
    expect(pool.ready(1)).toEqual(["run worker 1 (#2)", "announce reload finished"])
  })

  test("a replacement that took over from a dead worker aborts the reload if it fails", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.reload()
    pool.exit(1, 1)
    pool.hello(1)
    expect(pool.exit(1, 1)).toContain("announce reload aborted")
  })

  test("another replacement is forked if a signal to the whole group ended the first one while it booted", () => {
    const pool = new PoolInSteps({ workers: 1, signals: { SIGHUP: "reload" } }).run()
    pool.reload()
    expect(pool.exit("1+", null, "SIGHUP")).toEqual(["fork worker 1 (#3)"])
    expect(pool.slots).toBe("1:ready 1:booting-replacement")
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["announce reload finished"])
  })

  test("a replacement that such a signal ends after its hello has failed", () => {
    const pool = new PoolInSteps({ workers: 1, signals: { SIGHUP: "reload" } }).run()
    pool.reload()
    pool.hello("1+")
    expect(pool.exit("1+", null, "SIGHUP")).toEqual(["announce reload aborted"])
  })

  test("the replacement is asked to stop if the old worker finishes for good", () => {
    const pool = new PoolInSteps({ workers: 1, respawn: "on-failure" }).run()
    pool.reload()
    pool.hello("1+")
    expect(pool.exit(1, 0)).toEqual(["stop worker 1 (#2) with SIGTERM"])
    expect(pool.slots).toBe("1:starting-stopping-retired 1:finished")
    expect(pool.exit(1)).toEqual(["announce reload finished", "finish with code 0"])
  })

  test("a stop asks both workers, once", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.reload()
    pool.hello("1+")
    expect(pool.signal("SIGINT")).toEqual([
      "announce stop",
      "stop worker 1 (#1) with SIGINT",
      "stop worker 1 (#2) with SIGINT",
      "announce reload aborted",
    ])
    pool.exit("1+")
    expect(pool.exit(1)).toEqual(["finish with code 0"])
  })

  test("scaling down asks both workers to stop, and the reload continues with the next slot", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.reload()
    pool.hello("1+")
    expect(pool.signal("SIGTTOU")).toEqual([
      "announce scale from 2 to 1",
      "stop worker 1 (#3) with SIGTERM",
      "stop worker 1 (#1) with SIGTERM",
    ])
    expect(pool.exit("1+")).toEqual(["fork worker 2 (#4)"])
    pool.exit(1)
    expect(replace(pool, 2)).toContain("announce reload finished")
    expect(pool.state.target).toBe(1)
  })

  test("scaling up forks another worker, and the reload keeps the target", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.reload()
    expect(pool.signal("SIGTTIN")).toEqual(["announce scale from 1 to 2", "fork worker 2 (#3)"])
    pool.ready("1+")
    pool.exit(1)
    expect(pool.slots).toBe("1:ready 2:booting")
    expect(pool.state.target).toBe(2)
    // It runs the new code, too, and can turn out to be broken.
    expect(pool.ready(2)).toEqual(["run worker 2 (#3)", "announce reload finished"])
  })
})

describe("another reload", () => {
  test("starts when the one that runs has finished", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.reload()
    expect(pool.reload()).toEqual([])
    expect(pool.reload()).toEqual([])
    expect(replace(pool, 1)).toEqual([
      "run worker 1 (#2)",
      "stop worker 1 (#1) with SIGTERM",
      "announce reload finished",
      "announce reload started",
      "fork worker 1 (#3)",
    ])
    expect(replace(pool, 1)).toContain("announce reload finished")
    expect(pool.slots).toBe("1:ready")
  })

  test("starts when the one that runs is aborted", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.reload()
    pool.reload()
    expect(pool.exit("1+", 1)).toEqual([
      "announce reload aborted",
      "announce reload started",
      "fork worker 1 (#3)",
    ])
  })
})
