import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

function ask(pool: PoolInSteps, id: number | "1+"): readonly string[] {
  return pool.commands({ type: "worker-asked-for-leadership", worker: pool.worker(id) })
}

const granted = (id: number, incarnation: number): string =>
  `make worker ${id} (#${incarnation}) the leader`

describe("leadership", () => {
  test("is granted to the worker of the lowest slot only, whichever asks first", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    expect(ask(pool, 3)).toEqual([])
    expect(ask(pool, 2)).toEqual([])
    expect(ask(pool, 1)).toEqual([granted(1, 1)])
  })

  test("is granted with its reason", () => {
    const pool = new PoolInSteps().run()
    const worker = pool.worker(1)
    expect(pool.tell({ type: "worker-asked-for-leadership", worker })).toEqual([
      { type: "grant-leadership", worker, reason: { rule: "leadership", slot: 1 } },
    ])
  })

  test("is granted once, however often a worker asks", () => {
    const pool = new PoolInSteps().run()
    ask(pool, 1)
    expect(ask(pool, 1)).toEqual([])
  })

  test("is granted to a worker that runs, ready or not, but not to one that boots", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    expect(ask(pool, 1)).toEqual([])
    pool.hello(1)
    expect(ask(pool, 1)).toEqual([granted(1, 1)])
  })

  test("passes to the next process of the slot when the leader has exited", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    ask(pool, 1)
    ask(pool, 2)
    pool.exit(1, 1)
    pool.ready(1)
    expect(ask(pool, 1)).toEqual([granted(1, 3)])
  })

  test("passes to the replacement of a reload only when the old worker has exited", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.reload()
    pool.hello("1+")
    expect(ask(pool, "1+")).toEqual([])
    pool.commands({ type: "worker-became-ready", worker: pool.worker("1+") })
    expect(pool.exit(1)).toEqual(["announce reload finished", granted(1, 2)])
  })

  test("is not granted to a replacement on probation, even if there is no leader", () => {
    const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 500 } }).run()
    pool.reload()
    pool.ready("1+")
    expect(ask(pool, "1+")).toEqual([])
    expect(pool.pass(500)).toEqual(["stop worker 1 (#1) with SIGTERM", granted(1, 2)])
  })

  test("stays with the leader when a lower slot is added, and passes to that slot afterwards", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    // SIGTTOU stops the oldest worker, which is in slot 1.
    pool.signal("SIGTTOU")
    expect(ask(pool, 2)).toEqual([granted(2, 2)])
    pool.exit(1)
    pool.scale(2)
    pool.ready(1)
    expect(ask(pool, 1)).toEqual([])
    expect(pool.exit(2, 1)).toContain(granted(1, 3))
  })

  test("is not granted again before a leader that is stopping has exited", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    ask(pool, 1)
    ask(pool, 2)
    expect(pool.signal("SIGTTOU")).not.toContain(granted(2, 2))
    expect(pool.exit(1)).toEqual([granted(2, 2)])
  })

  test("skips a finished slot, but waits for a slot whose respawn is pending", () => {
    const finished = new PoolInSteps({ workers: 2, respawn: "on-failure" }).run()
    ask(finished, 2)
    expect(finished.exit(1, 0)).toEqual([granted(2, 2)])
    const waiting = new PoolInSteps({ workers: 2 }).run()
    waiting.exit(1, 1)
    waiting.exit(1, 1)
    expect(waiting.slots).toMatch(/^1:waiting/)
    expect(ask(waiting, 2)).toEqual([])
  })

  test("is not granted to a worker that was asked to stop, nor once the pool stops", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.signalWorkerAlone(1)
    expect(ask(pool, 1)).toEqual([])
    ask(pool, 2)
    pool.signal("SIGTERM")
    expect(pool.exit(1)).toEqual([])
  })
})
