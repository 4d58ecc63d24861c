import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

describe("a stop", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK", "SIGUSR2"])(
    "by %s asks every worker to stop",
    (signal) => {
      const pool = new PoolInSteps().run()
      expect(pool.signal(signal)).toEqual([
        "announce stop",
        `stop worker 1 (#1) with ${signal}`,
        `stop worker 2 (#2) with ${signal}`,
      ])
    },
  )

  test("kills workers that boot at once, and finishes with code 0", () => {
    const pool = new PoolInSteps()
    pool.start()
    expect(pool.signal("SIGTERM")).toEqual([
      "announce stop",
      "kill worker 1 (#1)",
      "kill worker 2 (#2)",
    ])
    expect(pool.exit(1, null, "SIGKILL")).toEqual([])
    expect(pool.exit(2, null, "SIGKILL")).toEqual(["finish with code 0"])
  })

  test.each([
    ["SIGINT", null],
    ["SIGHUP", null],
    ["SIGSEGV", null],
    [null, 1],
    [null, 0],
  ] as const)("takes no exit of a worker that booted as a failure: %s, %s", (signal, code) => {
    const pool = new PoolInSteps({ workers: 1, signals: { SIGHUP: "reload" } })
    pool.start()
    pool.signal("SIGTERM")
    expect(pool.exit(1, code, signal)).toEqual(["finish with code 0"])
  })

  test("finishes with code 0 if every worker exits with 0", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTERM")
    expect(pool.exit(1)).toEqual([])
    expect(pool.exit(2)).toEqual(["finish with code 0"])
  })

  test("finishes with code 1 if one exit is not 0", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTERM")
    pool.exit(1, 7)
    expect(pool.exit(2)).toEqual(["finish with code 1"])
  })

  test("before the first fork finishes with code 0, and nothing is ever forked", () => {
    const pool = new PoolInSteps()
    expect(pool.signal("SIGINT")).toEqual(["announce stop", "finish with code 0"])
    expect(pool.start()).toEqual([])
  })

  test("by stop() passes on the signal that it names", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    expect(pool.commands({ type: "stop-requested", signal: "SIGHUP" })).toContain(
      "stop worker 1 (#1) with SIGHUP",
    )
  })

  test("is not changed by later signals and requests", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGINT")
    const before = pool.state
    pool.now = 5_000
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2", "SIGTTIN", "SIGTTOU"]) {
      expect(pool.signal(signal)).toEqual([])
      expect(pool.signalWorker(1, signal)).toEqual([])
    }
    expect(pool.scale(9)).toEqual([])
    expect(pool.commands({ type: "stop-requested", signal: "SIGTERM" })).toEqual([])
    expect(pool.commands({ type: "started" })).toEqual([])
    expect(pool.commands({ type: "start-failed" })).toEqual([])
    expect(pool.state).toBe(before)
  })

  test("kills every worker that is left at the timeout, once, and finishes with code 1", () => {
    const pool = new PoolInSteps({ timeout: 500 }).run()
    pool.signal("SIGTERM")
    expect(pool.pass(499)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#1)", "kill worker 2 (#2)"])
    expect(pool.pass(1_000)).toEqual([])
    pool.exit(1, null, "SIGKILL")
    expect(pool.exit(2, null, "SIGKILL")).toEqual(["finish with code 1"])
  })

  test("takes a worker that was killed for its start before it as a failure", () => {
    const pool = new PoolInSteps({ workers: 1, startTimeout: 500 })
    pool.start()
    expect(pool.pass(500)).toEqual(["kill worker 1 (#1)"])
    expect(pool.signal("SIGTERM")).toEqual(["announce stop"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["finish with code 1"])
  })

  test("takes death by a stop signal as a failure after the hello, but not before it", () => {
    for (const [saysHello, code] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const pool = new PoolInSteps({ workers: 1 })
      pool.start()
      if (saysHello) pool.hello(1)
      pool.signal("SIGTERM")
      expect(pool.exit(1, null, "SIGINT")).toEqual([`finish with code ${code}`])
    }
  })

  test("does not count a failure before it", () => {
    const pool = new PoolInSteps().run()
    pool.exit(1, 1)
    pool.signal("SIGTERM")
    pool.exit(1, 0)
    expect(pool.exit(2, 0)).toEqual(["finish with code 0"])
  })

  test("finishes 5 s after the kills even if no exit is reported", () => {
    const pool = new PoolInSteps({ workers: 1, timeout: 500 }).run()
    pool.signal("SIGTERM")
    pool.pass(500)
    expect(pool.pass(4_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["finish with code 1"])
  })

  test("waits 5 s for the exit after a kill that came late because the primary was blocked", () => {
    const pool = new PoolInSteps({ workers: 2, timeout: 500 }).run()
    pool.signal("SIGTERM")
    pool.now = 60_000
    expect(pool.exit(1)).toEqual([])
    expect(pool.commands({ type: "deadline-reached" })).toEqual(["kill worker 2 (#2)"])
    expect(pool.pass(4_999)).toEqual([])
    expect(pool.exit(2)).toEqual(["finish with code 0"])
  })

  test("cancels respawns that are pending", () => {
    const pool = new PoolInSteps({ backoff: { min: 100 } }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(pool.slots).toBe("1:waiting 2:ready")
    pool.signal("SIGTERM")
    expect(pool.pass(400)).toEqual([])
    expect(pool.exit(2)).toEqual(["finish with code 0"])
  })

  test("forks nothing after an exit", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTERM")
    expect(pool.exit(1, 1)).toEqual([])
  })

  test("finishes at once if the pool only waits for a respawn", () => {
    const pool = new PoolInSteps({ workers: 1, backoff: { min: 100 } }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(pool.signal("SIGTERM")).toEqual(["announce stop", "finish with code 0"])
  })
})

describe("the kill time", () => {
  test("of a worker that was asked before the pool stops is not moved by the stop", () => {
    const pool = new PoolInSteps({ timeout: 500 }).run()
    pool.scale(1)
    pool.pass(200)
    pool.signal("SIGTERM")
    expect(pool.pass(299)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 2 (#2)"])
    expect(pool.pass(200)).toEqual(["kill worker 1 (#1)"])
  })

  test("has come at once for a worker that boots", () => {
    const pool = new PoolInSteps({ timeout: 500 })
    pool.start()
    expect(pool.scale(1)).toEqual(["announce scale from 2 to 1", "kill worker 2 (#2)"])
    expect(pool.hello(2)).toEqual([])
    expect(pool.pass(500)).toEqual([])
  })
})

describe("a signal to one worker", () => {
  test("stops it, once, when 250 ms have shown that it was meant for it alone", () => {
    const pool = new PoolInSteps().run()
    expect(pool.signalWorker(1, "SIGINT")).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["stop worker 1 (#1) with SIGINT"])
    expect(pool.signalWorkerAlone(1)).toEqual([])
  })

  test("keeps it no longer if others follow, and decides which signal it gets", () => {
    const pool = new PoolInSteps().run()
    pool.signalWorker(1, "SIGINT")
    expect(pool.pass(200)).toEqual([])
    pool.signalWorker(1, "SIGTERM")
    expect(pool.pass(50)).toEqual(["stop worker 1 (#1) with SIGINT"])
  })

  test("that is not a stop signal is ignored", () => {
    const pool = new PoolInSteps({ signals: { SIGHUP: "ignore" } }).run()
    for (const signal of ["SIGTTIN", "SIGHUP", "SIGQUIT"]) {
      expect(pool.signalWorker(1, signal)).toEqual([])
    }
  })

  test("is followed by a respawn no sooner than 250 ms after the report", () => {
    const pool = new PoolInSteps().run()
    pool.signalWorker(1, "SIGTERM")
    pool.pass(50)
    expect(pool.exit(1)).toEqual([])
    expect(pool.pass(199)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
    expect(pool.state.respawnedAt).toHaveLength(1)
  })

  test("delays the respawn of a worker that was already asked to stop, too", () => {
    const pool = new PoolInSteps().run()
    pool.signal("SIGTTOU")
    pool.signal("SIGTTIN")
    pool.signalWorker(1, "SIGINT")
    expect(pool.exit(1)).toEqual([])
    expect(pool.pass(249)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("is followed by a respawn at once if the exit took 250 ms or longer", () => {
    const pool = new PoolInSteps().run()
    pool.signalWorker(1, "SIGTERM")
    pool.pass(250)
    expect(pool.exit(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("that reaches the primary a moment later causes no fork and no second request", () => {
    const pool = new PoolInSteps().run()
    pool.signalWorker(1, "SIGUSR2")
    pool.exit(1)
    pool.pass(100)
    expect(pool.signal("SIGUSR2")).toEqual(["announce stop", "stop worker 2 (#2) with SIGUSR2"])
    expect(pool.exit(2)).toEqual(["finish with code 0"])
  })

  test(`makes code 0 final under "on-failure"`, () => {
    const pool = new PoolInSteps({ respawn: "on-failure" }).run()
    pool.signalWorker(1, "SIGTERM")
    pool.exit(1, 0)
    expect(pool.slots).toBe("1:finished 2:ready")
  })

  test("leads to a kill at the timeout, and then to a respawn", () => {
    const pool = new PoolInSteps({ timeout: 500 }).run()
    pool.signalWorkerAlone(1)
    expect(pool.pass(500)).toEqual(["kill worker 1 (#1)"])
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["fork worker 1 (#3)"])
  })
})

describe("without waitForWorkers,", () => {
  test("a stop asks the workers that have said hello, kills those that boot, and finishes", () => {
    const pool = new PoolInSteps({ waitForWorkers: false })
    pool.start()
    pool.hello(1)
    expect(pool.signal("SIGTERM")).toEqual([
      "announce stop",
      "stop worker 1 (#1) with SIGTERM",
      "kill worker 2 (#2)",
      "finish with code 0",
    ])
  })

  test("giving up finishes with code 1", () => {
    const pool = new PoolInSteps({ waitForWorkers: false, respawnLimit: 0 }).run()
    expect(pool.exit(1, 1)).toEqual([
      "announce giving up",
      "stop worker 2 (#2) with SIGTERM",
      "finish with code 1",
    ])
  })
})

describe("a start that fails", () => {
  test("finishes the pool with code 1", () => {
    const pool = new PoolInSteps()
    expect(pool.commands({ type: "start-failed" })).toEqual(["finish with code 1"])
    expect(pool.start()).toEqual([])
  })

  test("is ignored once forking has begun", () => {
    const pool = new PoolInSteps().run()
    expect(pool.commands({ type: "start-failed" })).toEqual([])
  })
})

test("a pool that is done ignores every event", () => {
  const pool = new PoolInSteps({ workers: 1 }).run()
  const worker = pool.worker(1)
  pool.signal("SIGTERM")
  pool.exit(1)
  const before = pool.state
  pool.signal("SIGTERM")
  pool.scale(3)
  pool.commands({ type: "worker-exited", worker, code: 0, signal: null })
  pool.commands({ type: "deadline-reached" })
  expect(pool.state).toBe(before)
})
