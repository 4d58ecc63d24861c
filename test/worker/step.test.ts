import { expect, test } from "vitest"
import type { PlanOptions } from "../../src/core/index.ts"
import { maxRequestsOf } from "../../src/core/recycling-limits.ts"
import {
  initialWork,
  ownSignalOf,
  type ProgramState,
  stepWork,
  type Work,
  type WorkCommand,
  type WorkEvent,
} from "../../src/worker/step.ts"
import { planOf } from "../core/pool-in-steps.ts"

const run: WorkEvent = { type: "told", message: { type: "run", slot: 2, willListen: false } }
const settled: WorkEvent = { type: "run-settled", returned: "nothing" }
const closed: WorkEvent = { type: "shutdown-settled" }

function stopBy(signal: string): WorkEvent {
  return { type: "told", message: { type: "stop", signal, cause: "stop" } }
}

interface Given {
  readonly options?: PlanOptions
  readonly idle?: "stay" | "fail"
  readonly hasShutdown?: boolean
  /** The signals that the program listens to. */
  readonly listensTo?: readonly string[]
}

/** Takes in events, one every 10 ms. */
function after(events: readonly WorkEvent[], given: Given = {}) {
  const { options = {}, idle, hasShutdown = false, listensTo = [] } = given
  const plan = planOf({ timeout: 1_000, ...options })
  const shutdown = hasShutdown ? (): void => undefined : undefined
  const program: ProgramState = {
    takesSignal: false,
    exitCode: 0,
    listensTo: (signal) => listensTo.includes(signal),
  }
  let work: Work = initialWork({ plan, idle: idle ?? "stay", shutdown })
  let commands: readonly WorkCommand[] = []
  for (const [index, event] of events.entries()) {
    ;({ work, commands } = stepWork(plan, work, event, index * 10, program))
  }
  return { work, commands, ownSignal: ownSignalOf(work, program) }
}

test("the limit of requests is that of the slot, once there is one", () => {
  const options = { recycle: { maxRequests: 1_000 } }
  expect(after([], { options }).work.plan.maxRequests).toBe(false)
  const upTo = maxRequestsOf(planOf(options), 2)
  expect(upTo).not.toBe(maxRequestsOf(planOf(options), 1))
  expect(after([run], { options }).commands).toContainEqual({ type: "count-requests", upTo })
})

test("a worker without anything to do ends, fails or stays, as the pool says", () => {
  const idle: WorkEvent = { type: "idle", code: 3 }
  const watches = (given: Given): unknown =>
    after([run, settled], given).commands.find(({ type }) => type === "watch-for-idleness")
  expect(watches({})).toBeUndefined()
  expect(watches({ idle: "fail" })).toEqual({ type: "watch-for-idleness", afterMs: 0 })
  const ends = { options: { respawn: "on-failure" }, idle: "fail" } as const
  expect(watches(ends)).toEqual({ type: "watch-for-idleness", afterMs: 1_000 })
  expect(after([run, settled, idle], ends).commands).toMatchObject([{ type: "exit", code: 3 }])
})

test("the program is told of the signal of the first stop", () => {
  const listensTo = ["SIGTERM", "SIGINT"]
  expect(after([run, stopBy("SIGINT")], { listensTo }).commands).toEqual([
    { type: "call-listeners", signal: "SIGINT" },
  ])
  const twice = [run, stopBy("SIGINT"), stopBy("SIGTERM")]
  expect(after(twice, { listensTo })).toMatchObject({ commands: [], ownSignal: "SIGINT" })
})

test("a program that listens to SIGTERM alone is told of that, where it stops the pool", () => {
  const listensTo = ["SIGTERM"]
  expect(after([run, stopBy("SIGINT")], { listensTo }).ownSignal).toBe("SIGTERM")
  const options = { signals: { SIGTERM: "ignore", SIGINT: "stop" } } as const
  expect(after([run, stopBy("SIGINT")], { listensTo, options }).ownSignal).toBe("SIGINT")
})

test("once its primary is gone, that is a SIGTERM, whatever stops the pool", () => {
  const options = { signals: { SIGTERM: "ignore", SIGINT: "stop" } } as const
  const gone: WorkEvent = { type: "primary-gone" }
  expect(after([run, gone], { options }).ownSignal).toBe("SIGTERM")
})

test("a grant makes it the leader, whatever it does", () => {
  const grant: WorkEvent = { type: "told", message: { type: "grant-leadership" } }
  expect(after([run, grant]).commands).toEqual([{ type: "make-leader" }])
  expect(after([run, stopBy("SIGTERM"), grant], { hasShutdown: true }).commands).toEqual([
    { type: "make-leader" },
  ])
})

test("its exit takes no longer than the rest of its time, less half a second or half of it", () => {
  const stopped = [run, settled, stopBy("SIGTERM"), closed]
  const long = { options: { timeout: 5_000 } }
  expect(after(stopped, long).commands).toEqual([{ type: "exit", code: 0, withinMs: 4_490 }])
  const short = { options: { timeout: 300 } }
  expect(after(stopped, short).commands).toEqual([{ type: "exit", code: 0, withinMs: 145 }])
})

test("an exit by itself takes no longer than a stop, or than two heartbeats are missed", () => {
  const failed: WorkEvent = { type: "run-failed", isAbort: false }
  const exit = (options: PlanOptions): unknown => after([run, failed], { options }).commands.at(-1)
  expect(exit({ timeout: 5_000 })).toEqual({ type: "exit", code: 1, withinMs: 4_500 })
  const { heartbeatIntervalMs } = planOf({ heartbeatTimeout: 4_000 })
  const withinMs = 2 * heartbeatIntervalMs - 500
  expect(exit({ timeout: 5_000, heartbeatTimeout: 4_000 })).toEqual({
    type: "exit",
    code: 1,
    withinMs,
  })
})
