import { describe, expect, test } from "vitest"
import { nextDeadline } from "../../src/core/index.ts"
import { maxAgeOf, maxRequestsOf } from "../../src/core/recycling-limits.ts"
import { planOf, PoolInSteps as Pool } from "./pool-in-steps.ts"

/** A pool that grants requests at once. That a worker must have been ready for a while has tests of its own. */
class PoolInSteps extends Pool {
  constructor(given: ConstructorParameters<typeof Pool>[0] = {}) {
    super(given, { requestHoldMs: 0 })
  }
}

const hour = 3_600_000

function ask(pool: PoolInSteps, id: number | "1+" | "2+"): readonly string[] {
  return pool.commands({ type: "worker-asked-for-replacement", worker: pool.worker(id) })
}

function measure(pool: PoolInSteps, id: number, memoryBytes: number): readonly string[] {
  return pool.commands({ type: "worker-measured", worker: pool.worker(id), memoryBytes })
}

describe("a worker that asks for replacement", () => {
  test("is replaced, new before old, and that does not count as a respawn", () => {
    const pool = new PoolInSteps().run()
    expect(ask(pool, 2)).toEqual(["fork worker 2 (#3)"])
    expect(pool.slots).toBe("1:ready 2:ready 2:booting-replacement")
    expect(pool.ready("2+")).toEqual(["run worker 2 (#3)", "stop worker 2 (#2) with SIGTERM"])
    expect(pool.exit(2)).toEqual([])
    expect(pool.slots).toBe("1:ready 2:ready")
    expect(pool.state.respawnedAt).toEqual([])
  })

  test(`is asked to stop with the cause "recycle"`, () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.hello("1+")
    const worker = pool.worker("1+")
    expect(pool.tell({ type: "worker-became-ready", worker })).toMatchObject([
      { type: "stop-worker", worker: { incarnation: 1 }, cause: "recycle" },
    ])
  })

  test("is replaced once it is ready, and cannot ask while it boots", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    ask(pool, 1)
    pool.hello(1)
    expect(pool.state.slots).toMatchObject([{ worker: { recycling: null } }])
    expect(ask(pool, 1)).toEqual([])
    expect(pool.commands({ type: "worker-became-ready", worker: pool.worker(1) })).toEqual([
      "fork worker 1 (#2)",
    ])
  })

  test("is replaced no sooner than 5 s after it became ready, even if every new worker asks at once", () => {
    const pool = new Pool({ workers: 1 }).run()
    pool.now = 10
    expect(ask(pool, 1)).toEqual([])
    expect(pool.pass(4_989)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#2)"])
    pool.hello("1+")
    ask(pool, "1+")
    pool.now = 6_000
    pool.ready("1+")
    pool.exit(1)
    expect(pool.pass(4_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("is replaced at once if it has been ready for 5 s", () => {
    const pool = new Pool({ workers: 1 }).run()
    pool.now = 5_000
    expect(ask(pool, 1)).toEqual(["fork worker 1 (#2)"])
  })

  test("is replaced once, however often it asks", () => {
    const pool = new PoolInSteps().run()
    ask(pool, 1)
    expect(ask(pool, 1)).toEqual([])
    pool.ready("1+")
    expect(pool.exit(1)).toEqual([])
  })

  test("waits until the worker that is being replaced has exited", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    ask(pool, 1)
    pool.now = 10
    expect(ask(pool, 3)).toEqual([])
    pool.now = 20
    expect(ask(pool, 2)).toEqual([])
    // The start timeout of the replacement.
    expect(nextDeadline(pool.state)).toBe(30_000)
    pool.ready("1+")
    // The oldest worker comes first.
    expect(pool.exit(1)).toEqual(["fork worker 2 (#5)"])
    pool.ready("2+")
    expect(pool.exit(2)).toEqual(["fork worker 3 (#6)"])
  })

  test("is replaced before younger workers that are due, too", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    ask(pool, 2)
    ask(pool, 3)
    ask(pool, 1)
    pool.ready("2+")
    expect(pool.exit(2)).toEqual(["fork worker 1 (#5)"])
  })

  test("is asked to stop only when its replacement has been ready for minReadyTime", () => {
    const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 500 } }).run()
    ask(pool, 1)
    expect(pool.ready("1+")).toEqual(["run worker 1 (#2)"])
    expect(pool.pass(499)).toEqual([])
    expect(pool.pass(1)).toEqual(["stop worker 1 (#1) with SIGTERM"])
    expect(nextDeadline(pool.state)).toBe(10_500)
  })

  test("is not replaced if it was already asked to stop", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    pool.signalWorkerAlone(1)
    expect(ask(pool, 1)).toEqual([])
    expect(pool.state.slots).toMatchObject([{ worker: { recycling: null } }])
  })

  test("is not replaced once the pool stops", () => {
    const pool = new PoolInSteps().run()
    ask(pool, 1)
    ask(pool, 2)
    expect(pool.signal("SIGTERM")).toEqual([
      "announce stop",
      "stop worker 1 (#1) with SIGTERM",
      "kill worker 1 (#3)",
      "stop worker 2 (#2) with SIGTERM",
    ])
    pool.exit(1)
    pool.exit(1)
    expect(pool.exit(2)).toEqual(["finish with code 0"])
  })
})

describe("recycling by age", () => {
  const options = { workers: 4, recycle: { maxAge: hour } } as const

  test("is spread: each worker is due between four fifths of maxAge and maxAge", () => {
    const pool = new PoolInSteps({ ...options, workers: 100 }).run()
    const ages = pool.state.slots.map((slot) =>
      slot.state === "occupied" ? (slot.worker.recycling?.at ?? 0) : 0,
    )
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0.8 * hour)
    expect(Math.max(...ages)).toBeLessThanOrEqual(hour)
    expect(new Set(ages).size).toBeGreaterThan(95)
  })

  test("counts from ready, and replaces one worker after the other", () => {
    const pool = new PoolInSteps(options).run()
    const first = nextDeadline(pool.state) ?? 0
    expect(pool.pass(first - 1)).toEqual([])
    expect(pool.pass(1)).toEqual([expect.stringMatching(/^fork worker \d \(#5\)$/)])
    // No other worker is due meanwhile. The next deadline is the start timeout of the replacement.
    expect(nextDeadline(pool.state)).toBe(first + 30_000)
    const id = pool.state.replacements[0]?.slot ?? 0
    pool.ready(`${id}+`)
    pool.exit(id)
    expect(nextDeadline(pool.state)).toBeGreaterThan(first)
  })

  test("has maxAge as its reason", () => {
    const pool = new PoolInSteps({ ...options, workers: 1 }).run()
    pool.now = nextDeadline(pool.state) ?? 0
    expect(pool.tell({ type: "deadline-reached" })).toMatchObject([
      { type: "fork-worker", reason: { rule: "max-age", maxAgeMs: hour } },
    ])
  })

  test("gives way to a request of the worker", () => {
    const pool = new PoolInSteps({ ...options, workers: 1 }).run()
    expect(ask(pool, 1)).toEqual(["fork worker 1 (#2)"])
  })
})

describe("recycling by memory", () => {
  const options = { workers: 1, recycle: { maxMemory: 1_000 } } as const

  test("happens above the limit, once the worker has been ready for 20 s", () => {
    const pool = new PoolInSteps(options).run()
    expect(measure(pool, 1, 1_000)).toEqual([])
    pool.now = 19_999
    expect(measure(pool, 1, 5_000)).toEqual([])
    pool.now = 20_000
    expect(measure(pool, 1, 1_000)).toEqual([])
    expect(measure(pool, 1, 1_001)).toEqual(["fork worker 1 (#2)"])
  })

  test("does not happen to a worker that was never below the limit", () => {
    const pool = new PoolInSteps(options).run()
    expect(measure(pool, 1, 1_001)).toEqual([])
    pool.now = 40_000
    expect(measure(pool, 1, 1_001)).toEqual([])
    expect(measure(pool, 1, 1_000)).toEqual([])
    expect(measure(pool, 1, 1_001)).toEqual(["fork worker 1 (#2)"])
  })

  test("has the memory and maxMemory as its reason", () => {
    const pool = new PoolInSteps(options).run()
    measure(pool, 1, 1)
    pool.now = 20_000
    const worker = pool.worker(1)
    expect(pool.tell({ type: "worker-measured", worker, memoryBytes: 1_500 })).toMatchObject([
      { reason: { rule: "max-memory", memoryBytes: 1_500, maxMemoryBytes: 1_000 } },
    ])
  })

  test("does not happen without a limit, before ready, or once the worker was asked to stop", () => {
    const unlimited = new PoolInSteps({ workers: 1 }).run()
    unlimited.now = 20_000
    expect(measure(unlimited, 1, 2 ** 40)).toEqual([])
    const booting = new PoolInSteps(options)
    booting.start()
    booting.hello(1)
    measure(booting, 1, 1)
    booting.now = 20_000
    expect(measure(booting, 1, 5_000)).toEqual([])
    const stopping = new PoolInSteps(options).run()
    measure(stopping, 1, 1)
    stopping.now = 20_000
    stopping.signalWorkerAlone(1)
    expect(measure(stopping, 1, 5_000)).toEqual([])
  })
})

describe("recycling by requests", () => {
  const options = { workers: 1, recycle: { maxRequests: 1_000 } } as const

  function serve(pool: Pool, id: number | "1+", requests = 900): readonly string[] {
    return pool.commands({ type: "worker-served-requests", worker: pool.worker(id), requests })
  }

  test("happens when the worker reports that it has served so many", () => {
    const pool = new PoolInSteps(options).run()
    expect(serve(pool, 1)).toEqual(["fork worker 1 (#2)"])
  })

  test("has the requests and maxRequests as its reason", () => {
    const pool = new PoolInSteps(options).run()
    const worker = pool.worker(1)
    expect(pool.tell({ type: "worker-served-requests", worker, requests: 900 })).toMatchObject([
      { reason: { rule: "max-requests", requests: 900, maxRequests: 1_000 } },
    ])
  })

  test("happens no sooner than 5 s after the worker became ready, however much it serves", () => {
    const pool = new Pool(options).run()
    expect(serve(pool, 1)).toEqual([])
    expect(pool.pass(4_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#2)"])
    pool.hello("1+")
    serve(pool, "1+")
    pool.ready("1+")
    pool.exit(1)
    expect(pool.pass(4_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("keeps the reason of a request that came before", () => {
    const pool = new Pool(options).run()
    ask(pool, 1)
    serve(pool, 1)
    expect(pool.state.slots).toMatchObject([{ worker: { recycling: { cause: "request" } } }])
  })

  test("does not happen without a limit, before the hello, or once the worker was asked to stop", () => {
    expect(serve(new PoolInSteps({ workers: 1 }).run(), 1)).toEqual([])
    const booting = new PoolInSteps(options)
    booting.start()
    expect(serve(booting, 1)).toEqual([])
    booting.hello(1)
    expect(booting.state.slots).toMatchObject([{ worker: { recycling: null } }])
    const stopping = new PoolInSteps(options).run()
    stopping.signalWorkerAlone(1)
    expect(serve(stopping, 1)).toEqual([])
  })
})

describe("the limit of a slot", () => {
  test("is up to a fifth below that of the plan, and another one in each slot", () => {
    const plan = planOf({ recycle: { maxAge: 1_000, maxRequests: 10_000 } })
    const limits = Array.from({ length: 50 }, (_, index) => Number(maxRequestsOf(plan, index + 1)))
    expect(Math.min(...limits)).toBeGreaterThan(8_000)
    expect(Math.max(...limits)).toBeLessThanOrEqual(10_000)
    expect(new Set(limits).size).toBeGreaterThan(40)
    expect(Math.max(...limits) - Math.min(...limits)).toBeGreaterThan(1_500)
    expect(maxRequestsOf(plan, 1)).toBe(limits[0])
    expect(maxAgeOf(plan, 1)).toBeCloseTo(Number(limits[0]) / 10, -1)
  })

  test("depends on the seed of the pool", () => {
    const plan = planOf({ recycle: { maxRequests: 10_000 } })
    expect(maxRequestsOf({ ...plan, seed: 1 }, 1)).not.toBe(maxRequestsOf({ ...plan, seed: 2 }, 1))
  })

  test("is one request if the plan allows only one, and none if it allows any number", () => {
    expect(maxRequestsOf(planOf({ recycle: { maxRequests: 1 } }), 1)).toBe(1)
    expect(maxRequestsOf(planOf({}), 1)).toBe(false)
    expect(maxAgeOf(planOf({}), 1)).toBe(false)
  })
})

describe("a replacement", () => {
  test("that fails leaves the old worker in place, and another one is tried a minute later", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.now = 100
    expect(pool.exit("1+", 1)).toEqual([])
    expect(pool.slots).toBe("1:ready")
    expect(pool.pass(59_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["fork worker 1 (#3)"])
  })

  test("that fails is not followed by another one sooner because the old worker asks again", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.exit("1+", 1)
    expect(ask(pool, 1)).toEqual([])
    expect(nextDeadline(pool.state)).toBe(60_000)
  })

  test("that fails lets the next worker have its turn", () => {
    const pool = new PoolInSteps().run()
    ask(pool, 1)
    ask(pool, 2)
    expect(pool.exit("1+", 1)).toEqual(["fork worker 2 (#4)"])
  })

  test("that fails on probation is not accepted later", () => {
    const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 500 } }).run()
    ask(pool, 1)
    pool.ready("1+")
    pool.now = 400
    expect(pool.exit("1+", 1)).toEqual([])
    expect(pool.state.replacements[0]?.acceptAt ?? null).toBeNull()
    expect(nextDeadline(pool.state)).toBe(60_400)
  })

  test("that is not ready within 30 s is killed, even without a start timeout", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    expect(pool.pass(29_999)).toEqual([])
    expect(pool.pass(1)).toEqual(["kill worker 1 (#2)"])
    expect(pool.slots).toBe("1:ready 1:killed-retired")
    // The next replacement waits until it has exited.
    expect(pool.pass(90_000)).toEqual([])
    expect(pool.exit("1+", null, "SIGKILL")).toEqual(["fork worker 1 (#3)"])
  })

  test("that could not be forked is tried again a minute later", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    const worker = pool.worker("1+")
    expect(pool.commands({ type: "fork-failed", worker, error: "EAGAIN" })).toEqual([])
    expect(nextDeadline(pool.state)).toBe(60_000)
  })

  test("that is signaled is asked to stop, and its slot is recycled later", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.hello("1+")
    expect(pool.signalWorkerAlone("1+")).toEqual(["stop worker 1 (#2) with SIGTERM"])
    expect(pool.exit("1+")).toEqual([])
    expect(nextDeadline(pool.state)).toBe(60_250)
  })
})

describe("recycling beside a reload", () => {
  test("waits until the reload is over, and then happens if it is still due", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.reload()
    expect(ask(pool, 2)).toEqual([])
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["fork worker 2 (#4)"])
    expect(ask(pool, 1)).toEqual([])
    pool.ready("2+")
    expect(pool.exit(2)).toEqual(["announce reload finished", "fork worker 1 (#5)"])
  })

  test("delays a reload that is requested meanwhile, and that reload replaces the new worker, too", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    expect(pool.reload()).toEqual(["announce reload started"])
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["fork worker 1 (#3)"])
    pool.ready("1+")
    expect(pool.exit(1)).toEqual(["announce reload finished"])
  })

  test("continues if the reload is aborted", () => {
    const pool = new PoolInSteps({ workers: 2, backoff: false }).run()
    ask(pool, 1)
    pool.exit(2, 1)
    pool.ready(2)
    pool.reload()
    pool.exit(2, 1)
    expect(pool.exit(2, 1)).toContain("announce reload aborted")
    expect(pool.slots).toContain("1:booting-replacement")
  })
})

test("reports about a dead worker change nothing", () => {
  const pool = new PoolInSteps({ workers: 1, recycle: { maxMemory: 1_000 } }).run()
  const worker = pool.worker(1)
  pool.exit(1, 1)
  const { state } = pool
  expect(pool.commands({ type: "worker-asked-for-replacement", worker })).toEqual([])
  expect(pool.commands({ type: "worker-measured", worker, memoryBytes: 5_000 })).toEqual([])
  expect(pool.commands({ type: "worker-measured", worker, memoryBytes: 5 })).toEqual([])
  expect(pool.state).toBe(state)
})

test("a repeated measurement below the limit changes nothing", () => {
  const pool = new PoolInSteps({ workers: 1, recycle: { maxMemory: 1_000 } }).run()
  measure(pool, 1, 5)
  const { state } = pool
  measure(pool, 1, 6)
  expect(pool.state).toBe(state)
})

test("the 20 s after which memory counts begin when the worker is ready", () => {
  const pool = new PoolInSteps({ workers: 1, recycle: { maxMemory: 1_000 } })
  pool.now = 50_000
  pool.run()
  measure(pool, 1, 1)
  pool.now = 69_999
  expect(measure(pool, 1, 1_001)).toEqual([])
  pool.now = 70_000
  expect(measure(pool, 1, 1_001)).toEqual(["fork worker 1 (#2)"])
})

test("a replacement that fails does not delay the recycling of other workers", () => {
  const pool = new PoolInSteps({ workers: 3 }).run()
  ask(pool, 2)
  ask(pool, 1)
  ask(pool, 3)
  expect(pool.exit("2+", 1)).toEqual(["fork worker 1 (#5)"])
  pool.ready("1+")
  expect(pool.exit(1)).toEqual(["fork worker 3 (#6)"])
  pool.ready("3+")
  expect(pool.exit(3)).toEqual([])
  expect(nextDeadline(pool.state)).toBe(60_000)
  expect(pool.pass(60_000)).toEqual(["fork worker 2 (#7)"])
})

test("a replacement that took over from a failed worker and fails, too, is respawned", () => {
  const pool = new PoolInSteps({ workers: 1 }).run()
  ask(pool, 1)
  // It has the slot now, and no worker is being replaced.
  pool.exit(1, 1)
  expect(pool.slots).toBe("1:booting")
  expect(pool.exit(1, 1)).toEqual(["fork worker 1 (#3)"])
})

test("scaling down stops the replacement, too", () => {
  const pool = new PoolInSteps().run()
  ask(pool, 2)
  pool.hello("2+")
  expect(pool.scale(1)).toEqual([
    "announce scale from 2 to 1",
    "stop worker 2 (#3) with SIGTERM",
    "stop worker 2 (#2) with SIGTERM",
  ])
})
