/** One simulated process, driven through the platform alone, without a pool. */
import { describe, expect, test } from "vitest"
import {
  fakePlatform,
  type FakePlatform,
  type FakePlatformOptions,
  type WorkerScript,
} from "../../../src/fake.ts"
import type { WorkerProcess, WorkerReport } from "../../../src/platform/platform.ts"
import type { WorkerProgram } from "../../../src/worker/program.ts"
import { planOf } from "../../core/pool-in-steps.ts"
import { primarySettings } from "../primary-settings.ts"

const plan = planOf({ timeout: 1_000 })
const program: WorkerProgram = {
  plan,
  closeTimeoutMs: 500,
  run: () => undefined,
  shutdown: undefined,
}

interface Forked {
  readonly os: FakePlatform
  readonly process: WorkerProcess
  /** What was reported, and when. */
  readonly reports: string[]
}

function fork(script: WorkerScript = {}, options: FakePlatformOptions = {}): Forked {
  const os = fakePlatform({ ...options, workers: script })
  os.prepare(primarySettings(plan))
  return { os, ...forkOn(os, 1) }
}

function forkOn(os: FakePlatform, slot: number): Omit<Forked, "os"> {
  const reports: string[] = []
  const say = (report: WorkerReport): void => {
    const end = report.type === "worker-exited" ? ` ${report.code ?? report.signal}` : ""
    reports.push(`${os.now} ${report.type}${end}`)
  }
  return { process: os.fork({ slot, incarnation: slot }, program, say), reports }
}

/** What each of them is. */
const first = { slot: 1, incarnation: 1 }

async function forkReady(script: WorkerScript = {}): Promise<Forked> {
  const forked = fork(script)
  await forked.os.advance(20)
  forked.process.run(first)
  await forked.os.advance(20)
  forked.reports.length = 0
  return forked
}

describe("a process that boots", () => {
  test("does not receive what it is told", async () => {
    const { os, process, reports } = fork({ boot: 50 })
    await os.advance(40)
    process.run(first)
    process.stop("SIGTERM", "stop")
    await os.advance(1_000)
    expect(reports).toEqual(["51 worker-said-hello"])
    expect(os.worker(1)).toMatchObject({ state: "starting", asked: [] })
  })

  test.each(["SIGTERM", "SIGKILL", "SIGUSR2"])("is ended by %s", async (signal) => {
    const { os, reports } = fork({ boot: 50 })
    os.signalWorker(1, signal)
    await os.advance(1_000)
    expect(reports).toEqual([`1 worker-exited ${signal}`])
  })

  test("ends with its channel, without a report", async () => {
    const { os, reports } = fork({ boot: 50 })
    os.signal("SIGKILL")
    await os.advance(1_000)
    expect([os.workers, reports]).toEqual([[], []])
  })
})

describe("a process that is ready", () => {
  test("receives a stop, and ends as its script says", async () => {
    const { os, process, reports } = await forkReady({ stop: { after: 100, code: 3 } })
    process.stop("SIGINT", "stop")
    await os.advance(50)
    expect(os.worker(1)).toMatchObject({ state: "stopping", asked: ["SIGINT"] })
    await os.advance(100)
    expect(reports).toEqual(["141 worker-exited 3"])
  })

  test("can ignore any signal but SIGKILL", async () => {
    const { os, process, reports } = await forkReady({ stop: "ignore" })
    process.stop("SIGTERM", "stop")
    os.signalWorker(1, "SIGINT")
    await os.advance(1_000)
    expect(reports).toEqual(["40 worker-was-signaled"])
    process.kill()
    await os.advance(1_000)
    expect(reports.slice(1)).toEqual(["1041 worker-exited SIGKILL"])
  })

  test("absorbs the signals of the plan, ignores what the kernel ignores, and dies of others", async () => {
    const { os, reports } = await forkReady()
    for (const signal of ["SIGTTIN", "SIGTTOU", "SIGWINCH", "SIGCHLD", "SIGSTOP"]) {
      os.signalWorker(1, signal)
    }
    await os.advance(10)
    expect(reports).toEqual([])
    os.signalWorker(1, "SIGQUIT")
    await os.advance(10)
    expect(reports).toEqual(["51 worker-exited SIGQUIT"])
  })

  test("reports its exit once, and nothing after it, whatever is done to it", async () => {
    const { os, process, reports } = await forkReady()
    os.crash(1, { code: 9 })
    process.run(first)
    process.stop("SIGTERM", "stop")
    process.kill()
    expect(() => os.signalWorker(1, "SIGTERM")).toThrow("os.signalWorker: worker 1 is not alive")
    await os.advance(1_000)
    expect(reports).toEqual(["41 worker-exited 9"])
    expect(os.pendingTimers).toBe(0)
  })
})

test("a kill of a dead process whose exit is not reported yet changes nothing", async () => {
  const { os, process, reports } = await forkReady({ exitReportedAfter: 500 })
  os.crash(1, { code: 4 })
  expect(os.workers).toEqual([])
  await os.advance(400)
  process.kill()
  await os.advance(400)
  expect(reports).toEqual(["540 worker-exited 4"])
})

test.each([
  ["fork", "31 worker-exited SIGBUS"],
  ["run", "51 worker-exited SIGBUS"],
] as const)("a process dies on its own the given time after %s", async (since, exit) => {
  const { os, process, reports } = fork({ dies: { after: 30, since, signal: "SIGBUS" } })
  await os.advance(20)
  process.run(first)
  await os.advance(1_000)
  expect(reports.at(-1)).toBe(exit)
})

test("a process whose channel closes sends nothing more, and stops on its own", async () => {
  const { os, reports } = await forkReady({ channelCloses: { after: 100 } })
  await os.advance(95)
  os.signalWorker(1, "SIGTERM")
  await os.advance(100)
  expect(reports).toEqual([expect.stringMatching("worker-exited 0")])
})

test("stop() of a process whose channel has closed sends the signal itself", async () => {
  const { os, process, reports } = await forkReady({
    channelCloses: { after: 100 },
    stop: "ignore",
  })
  await os.advance(200)
  process.stop("SIGTERM", "stop")
  process.stop("SIGQUIT", "stop")
  expect(os.worker(1)).toBeUndefined()
  await os.advance(10)
  expect(reports).toEqual([expect.stringMatching("worker-exited SIGQUIT")])
})

test("fork() reports each process to its own listener", async () => {
  const os = fakePlatform({ workers: {} })
  const [one, other] = [forkOn(os, 1), forkOn(os, 2)]
  await os.advance(5)
  os.crash(1)
  await os.advance(20)
  expect(one.reports).toEqual(["6 worker-exited 1"])
  expect(other.reports).toEqual(["11 worker-said-hello"])
})

test("fork() that fails has no process, and is reported once", async () => {
  const { os, process, reports } = fork({ forkError: "EAGAIN" })
  expect([process.pid, reports]).toEqual([undefined, []])
  process.kill()
  await os.advance(1_000)
  expect([os.workers, reports]).toEqual([[], ["0 fork-failed"]])
})

test.each([
  [false, [1_001, 1_002, 1_003]],
  [true, [1_001, 1_002, 1_001]],
])("the option reusePids: %s leads to the process ids %j", (reusePids, pids) => {
  const os = fakePlatform({ workers: {}, reusePids })
  const forked = [forkOn(os, 1), forkOn(os, 2)]
  os.crash(1)
  forked.push(forkOn(os, 3))
  expect(forked.map(({ process }) => process.pid)).toEqual(pids)
})
