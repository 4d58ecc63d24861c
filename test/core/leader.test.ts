import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

function ask(pool: PoolInSteps, whom: number | "1+"): readonly string[] {
  return pool.commands({ type: "worker-asked-for-leadership", worker: pool.worker(whom) })
}

const granted = (id: number, incarnation: number): string =>
  `make worker ${id} (#${incarnation}) the leader`

describe("exclusivity", () => {
  test("is given to the worker of the lowest slot alone, whoever asks first", () => {
    const pool = new PoolInSteps({ workers: 3 }).run()
    expect(ask(pool, 3)).toEqual([])
    expect(ask(pool, 2)).toEqual([])
    expect(ask(pool, 1)).toEqual([granted(1, 1)])
  })

  test("gives its reason", () => {
    const pool = new PoolInSteps().run()
    const worker = pool.worker(1)
    expect(pool.tell({ type: "worker-asked-for-leadership", worker })).toEqual([
      { type: "grant-leadership", worker, reason: { rule: "leadership", slot: 1 } },
    ])
  })

  test("is given once, however often it is asked for", () => {
    const pool = new PoolInSteps().run()
    ask(pool, 1)
    expect(ask(pool, 1)).toEqual([])
  })

  test("is given to a worker that runs, ready or not, and not to one that boots", () => {
    const pool = new PoolInSteps({ workers: 1 })
    pool.start()
    expect(ask(pool, 1)).toEqual([])
    pool.hello(1)
    expect(ask(pool, 1)).toEqual([granted(1, 1)])
  })

  test("goes to the next process of the slot when the one before has ended", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    ask(pool, 1)
    ask(pool, 2)
    pool.exit(1, 1)
    pool.ready(1)
    expect(ask(pool, 1)).toEqual([granted(1, 3)])
  })

  test("waits, in a reload, until the one before has ended", () => {
    const pool = new PoolInSteps({ workers: 1 }).run()
    ask(pool, 1)
    pool.reload()
    pool.hello("1+")
    expect(ask(pool, "1+")).toEqual([])
    pool.commands({ type: "worker-became-ready", worker: pool.worker("1+") })
    expect(pool.exit(1)).toEqual(["announce reload finished", granted(1, 2)])
  })

  test("is not given to a newcomer on its trial, though nobody has it", () => {
    const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 500 } }).run()
    pool.reload()
    pool.ready("1+")
    expect(ask(pool, "1+")).toEqual([])
    expect(pool.pass(500)).toEqual(["stop worker 1 (#1) with SIGTERM", granted(1, 2)])
  })

  test("stays where it is when a lower slot comes, and goes there afterwards", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    // SIGTTOU takes the oldest worker, that of slot 1.
    pool.signal("SIGTTOU")
    expect(ask(pool, 2)).toEqual([granted(2, 2)])
    pool.exit(1)
    pool.scale(2)
    pool.ready(1)
    expect(ask(pool, 1)).toEqual([])
    expect(pool.exit(2, 1)).toContain(granted(1, 3))
  })

  test("waits for one that is on its way out", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    ask(pool, 1)
    ask(pool, 2)
    expect(pool.signal("SIGTTOU")).not.toContain(granted(2, 2))
    expect(pool.exit(1)).toEqual([granted(2, 2)])
  })

  test("skips a finished slot, and waits for one that waits for its respawn", () => {
    const finished = new PoolInSteps({ workers: 2, respawn: "on-failure" }).run()
    ask(finished, 2)
    expect(finished.exit(1, 0)).toEqual([granted(2, 2)])
    const waiting = new PoolInSteps({ workers: 2 }).run()
    waiting.exit(1, 1)
    waiting.exit(1, 1)
    expect(waiting.slots).toMatch(/^1:waiting/)
    expect(ask(waiting, 2)).toEqual([])
  })

  test("is given to nobody once the pool stops, nor to one that is to stop", () => {
    const pool = new PoolInSteps({ workers: 2 }).run()
    pool.signalWorker(1, "SIGTERM")
    expect(ask(pool, 1)).toEqual([])
    ask(pool, 2)
    pool.signal("SIGTERM")
    expect(pool.exit(1)).toEqual([])
  })
})
