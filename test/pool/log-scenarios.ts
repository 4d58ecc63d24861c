/** Small pools on the fake platform that go through everything the log has a line for. */
import { kamisama, type KamisamaOptions, type Notice, type Supervisor } from "../../src/index.ts"
import { type FakePlatform, fakePlatform, type FakePlatformOptions } from "../../src/fake.ts"

const seconds = 1_000
const minutes = 60_000
const hours = 3_600_000

/** A pool, and what happens to it. */
export interface Scenario {
  readonly options?: Partial<KamisamaOptions>
  readonly world?: FakePlatformOptions
  go(os: FakePlatform, pool: Supervisor): unknown
}

/** A run on a terminal, with the lines that were printed. */
export async function linesOf({ options, world, go }: Scenario): Promise<readonly string[]> {
  const os = fakePlatform(world)
  const process = { ...os.process, runtime: "node 24.21.0", hasTerminal: true }
  const pool = kamisama({
    workers: 2,
    run: () => undefined,
    log: "info",
    ...options,
    platform: { ...os, process },
  })
  await go(os, pool)
  return os.errors
}

/** The notices of a run. */
export async function noticesOf(scenario: Scenario): Promise<readonly Notice[]> {
  const notices: Notice[] = []
  const log = (notice: Notice): void => void notices.push(notice)
  await linesOf({ ...scenario, options: { ...scenario.options, log } })
  return notices
}

/** Ready, and one second old. */
async function settle(os: FakePlatform): Promise<void> {
  await os.advance(seconds)
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  "starts, scales by signal and by call, and stops": {
    world: { workers: {} },
    async go(os, pool) {
      await settle(os)
      os.signal("SIGTTIN")
      await os.advance(seconds)
      void pool.scale(2)
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  "crashes of run until it gives up": {
    options: {
      respawnLimit: 3,
      run: () => {
        throw new Error("no database")
      },
    },
    go: (os) => os.advance(10 * seconds),
  },
  "cannot start": {
    options: {
      startFailure: "exit",
      run: () => {
        throw new Error("no database")
      },
    },
    go: (os) => os.advance(seconds),
  },
  "crashes alone in a row": {
    options: { respawnLimit: 3 },
    world: { workers: [{}, { dies: { after: 100 } }] },
    go: (os) => os.advance(10 * seconds),
  },
  "is killed by the system, and cannot be started": {
    world: { workers: ({ nth }) => (nth === 2 ? { forkError: "spawn node EAGAIN" } : {}) },
    async go(os) {
      await settle(os)
      os.crash(1, { signal: "SIGKILL" })
      await os.advance(10 * seconds)
    },
  },
  "a signal stops one worker": {
    world: { workers: {} },
    async go(os) {
      await settle(os)
      os.signalWorker(2, "SIGTERM")
      await os.advance(seconds)
    },
  },
  "hangs while it is ready": {
    options: { heartbeatTimeout: 1_000 },
    world: { workers: [{}, { hangs: { after: 500 } }] },
    go: (os) => os.advance(10 * seconds),
  },
  "does not stop in time": {
    options: { timeout: 3_000 },
    world: { workers: [{}, { stop: "ignore" }] },
    async go(os) {
      await settle(os)
      os.signal("SIGTERM")
      await os.advance(minutes)
    },
  },
  "is never ready": {
    options: { startTimeout: 20_000 },
    world: { workers: [{}, { ready: false }] },
    go: (os) => os.advance(30 * seconds),
  },
  "never calls kamisama()": {
    options: { startTimeout: 2_000, respawnLimit: 0 },
    world: { workers: [{}, { boot: false }] },
    go: (os) => os.advance(10 * seconds),
  },
  finishes: {
    options: { respawn: "on-failure" },
    world: { workers: { dies: { after: 100, code: 0 } } },
    go: settle,
  },
  "what run returned cannot be closed": {
    options: {
      run: () => (request: { readonly method: string }) => request.method,
    },
    async go(os) {
      await settle(os)
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  "fails while it stops": {
    world: { workers: [{}, { stop: { code: 1 } }] },
    async go(os) {
      await settle(os)
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  "fails while the pool gives up": {
    options: { respawnLimit: 0 },
    world: { workers: [{ dies: { after: 100 } }, { stop: { code: 7 } }] },
    go: (os) => os.advance(10 * seconds),
  },
  "its exit is never reported": {
    world: { workers: { stop: "ignore", exitReportedAfter: hours } },
    options: { workers: 1 },
    async go(os) {
      await settle(os)
      os.signal("SIGTERM")
      await os.advance(minutes)
    },
  },
  "reloads the program": {
    world: { workers: {} },
    async go(os, pool) {
      await settle(os)
      void pool.reload()
      await os.advance(10 * seconds)
    },
  },
  "a reload follows another": {
    options: { workers: 4 },
    world: { workers: {} },
    async go(os, pool) {
      await settle(os)
      void pool.reload()
      void pool.reload()
      await os.advance(10 * seconds)
    },
  },
  "a reload of broken code is aborted": {
    options: { workers: 4, reload: { minReadyTime: 2_000 } },
    world: { workers: ({ id, nth }) => (id === 2 && nth === 2 ? { dies: { after: 400 } } : {}) },
    async go(os, pool) {
      await settle(os)
      void pool.reload()
      await os.advance(10 * seconds)
    },
  },
  "recycles by age": {
    options: { recycle: { maxAge: 24 * hours } },
    world: { workers: {} },
    go: (os) => os.advance(25 * hours),
  },
  "recycles by memory": {
    options: { recycle: { maxMemory: 300 * 2 ** 20 } },
    world: { workers: { memory: { atFirst: 200 * 2 ** 20, perSecond: 5 * 2 ** 20 } } },
    go: (os) => os.advance(minutes),
  },
  "a new primary takes over": {
    world: { workers: {} },
    async go(os, pool) {
      await settle(os)
      void pool.upgrade()
      await os.advance(seconds)
    },
  },
  "a new primary dies": {
    world: { workers: {}, successor: { dies: 300 } },
    async go(os, pool) {
      await settle(os)
      void pool.upgrade()
      await os.advance(seconds)
    },
  },
  "a new primary is late, and a stop ends the next one": {
    world: { workers: {}, successor: { ready: false } },
    async go(os, pool) {
      await settle(os)
      void pool.upgrade()
      await os.advance(61 * seconds)
      void pool.upgrade()
      await os.advance(seconds)
      os.signal("SIGTERM")
      await os.advance(seconds)
    },
  },
  "serves on before it stops": {
    options: { stopDelay: 5_000 },
    async go(os) {
      await settle(os)
      os.signal("SIGTERM")
      await os.advance(10 * seconds)
    },
  },
  "a spare waits, fills a slot, and fails": {
    options: { workers: 1, spares: 1 },
    world: { workers: ({ id, nth }) => (id === 0 && nth === 3 ? { forkError: "EAGAIN" } : {}) },
    async go(os, pool) {
      await settle(os)
      os.crash(1)
      await os.advance(seconds)
      os.crash(0)
      await os.advance(seconds)
      void pool.reload()
      await os.advance(seconds)
    },
  },
  "recycles by requests": {
    options: { recycle: { maxRequests: 10_000 } },
    world: { workers: { requestsPerSecond: 100 } },
    go: (os) => os.advance(2 * minutes),
  },
  "a worker asks to be recycled": {
    options: {
      run: (id, context) => {
        if (id === 1 && context.incarnation === 1) context.recycle()
      },
    },
    go: (os) => os.advance(30 * seconds),
  },
  "options defeat each other": {
    options: { timeout: 400 },
    world: { workers: {} },
    go: settle,
  },
  "run is pending, and a listener throws": {
    options: { run: () => new Promise(() => undefined) },
    async go(os, pool) {
      pool.on("exit", () => {
        throw new Error("no metrics")
      })
      await os.advance(31 * seconds)
      os.crash(1)
      await os.advance(seconds)
    },
  },
  "beforeFork fails": {
    options: {
      beforeFork: () => {
        throw new Error("no migration")
      },
    },
    go: settle,
  },
}
