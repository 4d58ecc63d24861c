/** What a service manager is told. */
import { describe, expect, test } from "vitest"
import type { Notice } from "../../src/core/notice.ts"
import { planFrom, type PlanOptions } from "../../src/core/index.ts"
import { fakePlatform } from "../../src/fake.ts"
import kamisama from "../../src/index.ts"
import {
  sayNotice,
  sayStatus,
  statusLine,
  type Told,
  toldNothing,
} from "../../src/operator/notify.ts"
import { notifyVariables } from "../../src/operator/notify-socket.ts"
import type { PoolStatus } from "../../src/pool/handle.ts"

const planOf = (options: PlanOptions = {}): ReturnType<typeof planFrom> =>
  planFrom({ workers: 2, ...options }, { cores: () => 2, seed: 1 })

const notice = (type: Notice["type"], more: object = {}): Notice =>
  ({ type, level: "info", at: 0, reason: "", text: "", ...more }) as Notice

const status = {
  state: "running",
  ready: 2,
  target: 2,
  isReloading: false,
  workers: [],
  next: null,
} as unknown as PoolStatus

/** Everything that is said of these notices. */
function saidOf(notices: readonly Notice[], options: PlanOptions = {}): readonly string[] {
  let told: Told = toldNothing
  return notices.flatMap((one) => {
    const saying = sayNotice(told, one, planOf(options), 123)
    told = saying.told
    return saying.messages.map((message) => message.join(" "))
  })
}

describe("a service manager", () => {
  test("is told when the pool is ready, reloads and stops", () => {
    expect(
      saidOf(
        [
          notice("fork"),
          notice("start"),
          notice("reload", { phase: "started" }),
          notice("reload", { phase: "aborted" }),
          notice("stop-delay"),
          notice("stop"),
          notice("reload", { phase: "aborted" }),
          notice("done"),
        ],
        { stopDelay: 5_000, timeout: 10_000 },
      ),
    ).toEqual([
      "READY=1",
      "RELOADING=1 MONOTONIC_USEC=123",
      "READY=1",
      "STOPPING=1 EXTEND_TIMEOUT_USEC=21000000",
    ])
  })

  test("is not told of a reload before the pool is ready, and of no ready pool that gives up", () => {
    expect(
      saidOf([notice("reload", { phase: "started" }), notice("give-up"), notice("start")]),
    ).toEqual(["STOPPING=1 EXTEND_TIMEOUT_USEC=16000000"])
  })

  test("gets the status when it has changed, and a sign of life each time", () => {
    const plan = planOf()
    const first = sayStatus(toldNothing, status, plan, true)
    expect(first.messages).toEqual([["STATUS=running: 2 of 2 ready", "WATCHDOG=1"]])
    expect(sayStatus(first.told, status, plan, true).messages).toEqual([["WATCHDOG=1"]])
    expect(sayStatus(first.told, status, plan, false).messages).toEqual([])
  })

  test("gets no sign of life of a pool that does not do what is due", () => {
    const plan = planOf()
    const late = { ...status, next: { at: 0, inMs: 0, why: "worker 1 is killed" } }
    const first = sayStatus({ ...toldNothing, status: statusLine(status) }, late, plan, true)
    expect(first.messages).toEqual([["WATCHDOG=1"]])
    const second = sayStatus(first.told, late, plan, true)
    expect(second.messages).toEqual([])
    const other = { ...late, next: { ...late.next, why: "worker 2 is killed" } }
    expect(sayStatus(second.told, other, plan, true).messages).toEqual([["WATCHDOG=1"]])
  })

  test("is asked for time while something runs that has a limit of its own", () => {
    const timeOf = (told: Partial<Told>, options: PlanOptions): string[] =>
      sayStatus(
        { ...toldNothing, status: statusLine(status), ...told },
        status,
        planOf(options),
        false,
      ).messages.flat()
    expect(timeOf({}, { startTimeout: 60_000 })).toEqual(["EXTEND_TIMEOUT_USEC=10000000"])
    expect(timeOf({}, {})).toEqual([])
    expect(timeOf({ phase: "reloading" }, {})).toEqual(["EXTEND_TIMEOUT_USEC=10000000"])
    expect(timeOf({ phase: "ready" }, { startTimeout: 60_000 })).toEqual([])
  })

  test("is told that the pool is ready at most once before it stops, whatever happens", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const os = fakePlatform({ seed, workers: { boot: 10 * seed, dies: { after: 300 * seed } } })
      const options = { workers: 2, run: () => undefined, platform: os, log: "silent" } as const
      const pool = kamisama({ ...options, respawnLimit: seed % 5, signals: { SIGHUP: "reload" } })
      const said: string[] = []
      let told: Told = toldNothing
      for (const type of ["start", "reload", "stop", "give-up"] as const) {
        pool.on(type, (one: Notice) => {
          const saying = sayNotice(told, one, planOf(), undefined)
          told = saying.told
          said.push(...saying.messages.map(([first = ""]) => first))
        })
      }
      for (let count = 0; count < 6; count += 1) {
        await os.advance(200)
        os.signal("SIGHUP")
      }
      os.signal("SIGTERM")
      await os.advance(60_000)
      expect(said.join(" ")).toMatch(/^(READY=1 (RELOADING=1 (READY=1 )?)*)?STOPPING=1$/)
    }
  })
})

test("its variables are read if they are about this process", () => {
  expect(notifyVariables({}, 7)).toBeUndefined()
  expect(
    notifyVariables(
      { NOTIFY_SOCKET: "/n", WATCHDOG_USEC: "2000000", WATCHDOG_PID: "7", LISTEN_FDS: "1" },
      7,
    ),
  ).toEqual({ descriptor: undefined, path: "/n", watchdogMs: 2_000 })
  expect(
    notifyVariables({ LISTEN_PID: "7", LISTEN_FDNAMES: "http:notify", WATCHDOG_USEC: "x" }, 7),
  ).toEqual({ descriptor: 4, path: undefined, watchdogMs: undefined })
  expect(
    notifyVariables({ LISTEN_PID: "8", LISTEN_FDNAMES: "notify", WATCHDOG_PID: "8" }, 7),
  ).toBeUndefined()
})
