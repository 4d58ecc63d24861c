import { describe, expect, test } from "vitest"
import { PoolInSteps } from "./pool-in-steps.ts"

const options = { workers: 2, startFailure: "exit" } as const

function starting(overrides: ConstructorParameters<typeof PoolInSteps>[0] = {}): PoolInSteps {
  const pool = new PoolInSteps({ ...options, ...overrides })
  pool.start()
  return pool
}

describe(`startFailure: "exit"`, () => {
  test("gives up once the first worker of every slot has failed, and names their number", () => {
    const pool = starting()
    expect(pool.exit(1, 1)).toEqual(["fork worker 1 (#3)"])
    const exit = { type: "worker-exited", worker: pool.worker(2), code: 1, signal: null } as const
    expect(pool.tell(exit)).toContainEqual({
      type: "announce-give-up",
      reason: { rule: "no-worker-started", workers: 2 },
    })
    expect(pool.exit(1, null, "SIGKILL")).toEqual(["finish with code 1"])
  })

  test("counts a slot once, however often its workers fail", () => {
    const pool = starting()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(pool.state.phase).toBe("running")
  })

  test("takes an exit with code 0 before a worker was ready as a failed start", () => {
    const pool = starting()
    pool.exit(1, 0)
    expect(pool.exit(2, 0)).toContain("announce giving up")
  })

  test("takes a fork that fails, and a start that takes too long, as a failed start", () => {
    const pool = starting({ startTimeout: 500 })
    pool.commands({ type: "fork-failed", worker: pool.worker(1), error: "EAGAIN" })
    pool.pass(500)
    expect(pool.exit(2, null, "SIGKILL")).toContain("announce giving up")
  })

  test("no longer gives up once a worker has been ready", () => {
    const pool = starting()
    pool.ready(1)
    pool.exit(1, 1)
    pool.exit(2, 1)
    expect(pool.state).toMatchObject({ phase: "running", failedStarts: null })
  })

  test("does not count a worker that a signal to it alone stopped", () => {
    const pool = starting()
    pool.exit(1, 1)
    pool.signalWorkerAlone(2)
    pool.exit(2, null, "SIGKILL")
    expect(pool.state.phase).toBe("running")
  })

  test("does not count a worker that ended by itself at a signal", () => {
    const pool = starting()
    pool.exit(1, 1)
    pool.hello(2)
    pool.signalWorker(2, "SIGTERM")
    pool.exit(2, 143)
    expect(pool.state.phase).toBe("running")
  })

  test("does not count a worker that a signal to the whole group may have ended", () => {
    const pool = starting()
    pool.exit(1, 1)
    pool.exit(2, null, "SIGINT")
    expect(pool.state.phase).toBe("running")
  })

  test("does not count a worker whose exit is final", () => {
    const pool = starting({ respawn: "on-failure" })
    pool.exit(1, 1)
    pool.exit(2, 0)
    expect(pool.state).toMatchObject({ phase: "running", failedStarts: [1] })
  })

  test("forgets a slot that is given up, and waits for one that is added", () => {
    const pool = starting()
    pool.exit(2, 1)
    expect(pool.scale(1)).toEqual(["announce scale from 2 to 1", "kill worker 2 (#3)"])
    expect(pool.state.failedStarts).toEqual([])
    pool.exit(2, null, "SIGKILL")
    pool.scale(2)
    pool.exit(1, 1)
    expect(pool.state.phase).toBe("running")
    expect(pool.exit(2, 1)).toContain("announce giving up")
  })

  test("gives up if the last slot whose worker may start is given up", () => {
    const pool = starting()
    pool.exit(1, 1)
    expect(pool.scale(1)).toContain("announce giving up")
  })

  test("does not count a worker whose replacement takes over", () => {
    const pool = starting({ workers: 1 })
    pool.reload()
    pool.exit(1, 1)
    expect(pool.state).toMatchObject({ phase: "running", failedStarts: [] })
  })
})

test(`startFailure: "retry" restarts workers up to respawnLimit`, () => {
  const pool = starting({ startFailure: "retry" })
  pool.exit(1, 1)
  expect(pool.exit(2, 1)).toEqual(["fork worker 2 (#4)"])
  expect(pool.state.failedStarts).toBeNull()
})
