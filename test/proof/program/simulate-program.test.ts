import { scheduler, setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { kamisama, type KamisamaOptions, type Supervisor } from "../../../src/index.ts"
import {
  type FakePlatform,
  fakePlatform,
  type ProgramBounds,
  replayProgram,
  simulateProgram,
  type SimulatedProgram,
  type SimulateProgramOptions,
  SimulationError,
} from "../../../src/fake.ts"

/** A program with these options and nothing else. */
function program(options: Partial<KamisamaOptions> = {}): (os: FakePlatform) => Supervisor {
  return (os) =>
    kamisama({ workers: 2, run: () => undefined, log: "silent", ...options, platform: os })
}

/** The error of a simulation. */
async function failureOf(
  program: SimulatedProgram,
  options?: SimulateProgramOptions,
): Promise<SimulationError> {
  const error = await simulateProgram(program, options).catch((error: unknown) => error)
  if (error instanceof SimulationError) return error
  throw error instanceof Error ? error : new Error("it did not fail")
}

/** The moves of a failing run, in words. */
function faultsOf({ transcript }: SimulationError): string[] {
  return [...transcript.matchAll(/^ +\d+\. (.*)$/gm)].map(([, text = ""]) => text)
}

const wait = scheduler.wait
const never = (): Promise<void> => new Promise(() => undefined)

describe("simulateProgram()", () => {
  test("finds nothing wrong with healthy programs, and reaches every goal", async () => {
    for (const options of [
      { shutdown: () => sleep(20) },
      { run: () => () => sleep(20), respawn: "on-failure", startTimeout: 2_000 },
      { waitForWorkers: false, workers: 1, timeout: 300 },
      { exit: false, beforeFork: () => sleep(3_000), respawnLimit: Infinity },
    ] satisfies Partial<KamisamaOptions>[]) {
      const { runs, uncovered, events, simulatedMs } = await simulateProgram(program(options), {
        runs: 400,
      })
      expect({ runs, uncovered }).toEqual({ runs: 400, uncovered: [] })
      expect(events).toBeGreaterThan(5_000)
      expect(simulatedMs).toBeGreaterThan(12 * 3_600_000)
    }
  })

  test("does the same with the same seed, and something else with another", async () => {
    const first = await simulateProgram(program(), { runs: 5, seed: 7 })
    expect(await simulateProgram(program(), { runs: 5, seed: 7 })).toEqual(first)
    const other = await simulateProgram(program(), { runs: 5, seed: 8 })
    expect(other.trace).not.toBe(first.trace)
  })

  test.each([Number.NaN, "1"])("takes no seed %s", async (seed) => {
    const options = { seed } as { seed: number }
    await expect(simulateProgram(program(), options)).rejects.toThrow(`"seed" must be an integer`)
  })

  test("shows what the program threw first", async () => {
    const thrown = await failureOf(
      program({
        run() {
          throw new Error("ECONNREFUSED db")
        },
      }),
    )
    expect(thrown.message).toContain("What your code threw first: Error: ECONNREFUSED db")
    const uncaught = await failureOf(
      program({
        run: () =>
          void setTimeout(() => {
            throw new Error("not caught")
          }, 10),
      }),
    )
    expect(uncaught.message).toMatch(/What your code threw first: .*Error: not caught/)
  })

  test("gets past intervals of 0 ms", async () => {
    const run = (): (() => void) => {
      const timer = setInterval(() => undefined, 0)
      return () => clearInterval(timer)
    }
    expect((await simulateProgram(program({ run }), { runs: 1, steps: 5 })).runs).toBe(1)
  })

  test("says that only one simulation can run at a time", async () => {
    const [first, second] = await Promise.allSettled([
      simulateProgram(program(), { runs: 1 }),
      simulateProgram(program(), { runs: 1 }),
    ])
    expect(first.status).toBe("fulfilled")
    expect(String(second.status === "rejected" && second.reason)).toContain(
      "a simulation that has not ended",
    )
  })

  test("makes at most as many moves as `steps` says", async () => {
    const { events } = await simulateProgram(program(), { runs: 5, steps: 10 })
    expect(events).toBeGreaterThan(0)
    expect(events).toBeLessThanOrEqual(50)
  })

  test("finds a shutdown that never ends after two scale-downs, shortens it and replays it", async () => {
    const planted: SimulatedProgram = (os) => {
      let scaledDown = 0
      return program({
        shutdown: (_id, _signal, { reason }) => {
          if (reason === "scale-down") scaledDown += 1
          return scaledDown > 1 ? never() : undefined
        },
      })(os)
    }
    const failure = await failureOf(planted)
    expect(failure.violation).toMatch(
      /^worker \d \(#\d+\) had not ended by itself 10 s after it was asked to$/,
    )
    // Some time to start, and two scale-downs that leave somebody to be stopped.
    expect(faultsOf(failure).length).toBeLessThanOrEqual(5)
    expect(failure.message).toContain(`replay: ${failure.replay}`)
    expect(failure.message).toContain("kill worker")
    expect(failure.svg).toContain(`class="bold">${failure.violation}</text>`)
    expect(failure.svg).toMatch(/class="wrong bold">deadline reached<\/text>\n.*→ kill worker/)
    const { violation, transcript, svg } = failure
    expect(await replayProgram(planted, failure.replay)).toEqual({ violation, transcript, svg })
    const healthy = await replayProgram(program({ shutdown: () => sleep(5) }), failure.replay)
    expect(healthy.violation).toBeUndefined()
    expect(healthy.transcript).not.toContain("^")
    expect(healthy.svg).not.toContain("here it goes wrong")
  })

  test.each<{ signals: KamisamaOptions["signals"]; seed: number }>([
    { signals: {}, seed: 1 },
    { signals: {}, seed: 101 },
    { signals: { SIGHUP: "reload" }, seed: 1 },
    { signals: { SIGHUP: "reload" }, seed: 201 },
  ])(
    "finds a shutdown that never ends during a reload, $signals, from seed $seed",
    async ({ signals, seed }) => {
      const planted = program({
        workers: 1,
        signals,
        shutdown: (_id, _signal, { reason }) => (reason === "reload" ? never() : undefined),
      })
      const failure = await failureOf(planted, { seed })
      expect(failure.violation).toBe(
        "worker 1 (#1) had not ended by itself 10 s after it was asked to",
      )
      // Some time to start, which takes 113 ms, and what asks for it.
      const [start, ...rest] = faultsOf(failure)
      expect(start).toMatch(/^(100 ms|10 s) pass$/)
      expect(rest).toHaveLength(1)
      expect(await replayProgram(planted, failure.replay)).toMatchObject({
        violation: failure.violation,
      })
      const { runs } = await simulateProgram(planted, { runs: 30, without: ["reload"] })
      expect(runs).toBe(30)
    },
  )

  /** Workers that take jobs from a broker, which gives a job to another one if it is not acknowledged within 5 s. */
  function queue(acknowledge: "first" | "last"): SimulatedProgram {
    return (os, outside) => {
      const waiting: number[] = []
      const done = new Set<number>()
      let arrived = 0
      const take = outside(() => {
        const job = waiting.shift()
        if (job === undefined) return undefined
        const lease = setTimeout(() => waiting.push(job), 5_000)
        return { job, acknowledge: () => clearTimeout(lease) }
      })
      const pool = kamisama({
        workers: 2,
        log: "silent",
        platform: os,
        async run(_id, { signal, ready }) {
          ready()
          while (!signal.aborted) {
            const taken = take()
            if (acknowledge === "first") taken?.acknowledge()
            await sleep(200)
            if (taken === undefined) continue
            done.add(taken.job)
            taken.acknowledge()
          }
        },
      })
      return {
        pool,
        actions: { "a job arrives": () => void waiting.push(arrived++) },
        isWell: () => waiting.length === 0 && done.size === arrived,
      }
    }
  }

  test("finds a queue worker that loses jobs, and none in one that does not", async () => {
    const failure = await failureOf(queue("first"))
    expect(failure.violation).toMatch(/^it did not recover within .*: isWell\(\) is false$/)
    // No shorter history loses a job: it arrives, is taken, and the worker dies with it.
    const faults = faultsOf(failure)
    expect(faults[0]).toBe("a job arrives")
    expect(faults).toHaveLength(3)
    expect((await simulateProgram(queue("last"), { runs: 30 })).runs).toBe(30)
  }, 120_000)

  test("reports a program that is not the same twice, and what was different", async () => {
    const failure = await failureOf(program({ run: () => sleep(Math.random() * 1_000) }))
    expect(failure.violation).toMatch(
      /^it was not the same twice, because your program uses something undetermined, such as Math\.random\(\), .*: once "[^"]+", once "[^"]+"$/,
    )
  })

  test("lets scheduler.wait() follow the simulated time", async () => {
    const waited: number[] = []
    const run = async (): Promise<void> => {
      const before = Date.now()
      await scheduler.wait(1_234)
      waited.push(Date.now() - before)
    }
    // A machine that is suspended, or a worker that is blocked, wakes up late.
    await simulateProgram(program({ run }), { runs: 1, without: ["suspend", "block"] })
    expect(waited.length).toBeGreaterThan(0)
    expect(new Set(waited)).toEqual(new Set([1_234]))
    expect(scheduler.wait).toBe(wait)
  })

  test("fails if isWell() returns a promise", async () => {
    const isWell = async (): Promise<boolean> => true
    const failure = await failureOf((os) => ({
      pool: program()(os),
      isWell: isWell as unknown as () => boolean,
    }))
    expect(failure.violation).toBe(
      "isWell failed: it must not return a promise, as time stands still",
    )
  })

  test.each(["always", "atEnd"])("fails if %s() returns false", async (name) => {
    const failure = await failureOf((os) => ({ pool: program()(os), [name]: () => false }))
    expect(failure.violation).toBe(`${name} failed: it is false`)
  })

  test("takes a pool for well while its workers are recycled again and again", async () => {
    const options = { workers: 3, recycle: { maxAge: 5_000 }, reload: { minReadyTime: 1_000 } }
    expect((await simulateProgram(program(options), { runs: 30 })).runs).toBe(30)
  })

  test("waits for a pool whose workers start slowly and that is reloaded twice", async () => {
    const options = { workers: 8, timeout: 10_000, run: () => sleep(20_000) }
    expect((await simulateProgram(program(options), { runs: 100 })).runs).toBe(100)
  })

  test("fails if isWell() returns nothing", async () => {
    const failure = await failureOf((os) => ({
      pool: program()(os),
      isWell: (() => undefined) as unknown as () => boolean,
    }))
    expect(failure.violation).toBe("isWell failed: it must return true or false, got undefined")
  })

  test("continues although an action, or recover(), never ends", async () => {
    const { runs } = await simulateProgram(
      (os) => ({ pool: program()(os), actions: { "a job comes": never }, recover: never }),
      { runs: 3 },
    )
    expect(runs).toBe(3)
  })

  test("refuses unknown options", async () => {
    await expect(simulateProgram(program(), { seeds: 2 } as object)).rejects.toThrow(
      new TypeError(`simulateProgram: unknown option "seeds". Did you mean "seed"?`),
    )
    const without = "suspend" as unknown as readonly []
    await expect(simulateProgram(program(), { without })).rejects.toThrow(
      new TypeError(`simulateProgram: "without" must be a list of faults, got "suspend"`),
    )
  })

  test("lets Date and timers follow the simulated time, and a program that uses them is the same twice", async () => {
    const seen = new Set<number>()
    const run = async (): Promise<void> => {
      seen.add(Date.now())
      await sleep(Date.now() % 7)
    }
    await simulateProgram(program({ run }), { runs: 2 })
    expect(Math.min(...seen)).toBe(12)
  })

  test("ends the timers of a worker with it, and of no other", async () => {
    const violation = (os: FakePlatform, incarnation: number): string | undefined =>
      os.workers.some((worker) => worker.incarnation === incarnation)
        ? undefined
        : `#${incarnation} goes on when it is dead`
    const beats: string[] = []
    let primaryBeats = 0
    const { runs } = await simulateProgram(
      (os) => {
        let failure: string | undefined
        setInterval(() => (primaryBeats += 1), 1_000)
        const pool = program({
          run(_id, { incarnation }) {
            const beat = (how: string): void => {
              beats.push(how)
              failure ??= violation(os, incarnation)
            }
            setInterval(() => beat("interval"), 700)
            setImmediate(() => beat("immediate"))
            void (async () => {
              for (;;) {
                await sleep(900)
                beat("sleep")
              }
            })()
          },
        })(os)
        return {
          pool,
          always() {
            if (failure !== undefined) throw new Error(failure)
          },
        }
      },
      { runs: 20, without: ["suspend"] },
    )
    expect(runs).toBe(20)
    expect(new Set(beats)).toEqual(new Set(["interval", "immediate", "sleep"]))
    expect(primaryBeats).toBeGreaterThan(100)
  })

  test("takes an error in a worker's timer for a crash", async () => {
    const errors: (readonly string[])[] = []
    const run: KamisamaOptions["run"] = (_id, { incarnation }) => {
      if (incarnation === 1) setTimeout(() => JSON.parse("{"), 50)
    }
    await simulateProgram(
      (os) => {
        errors.push(os.errors)
        return program({ run })(os)
      },
      { runs: 5 },
    )
    const [undisturbed = []] = errors
    expect(undisturbed).toEqual([
      expect.stringMatching(/^worker 1 \(pid 1001\): uncaught SyntaxError: /),
    ])
  })

  test.each<[string, Partial<KamisamaOptions>, RegExp]>([
    [
      "gives up by itself",
      { run: () => JSON.parse("{") as unknown },
      /^it gave up after faults had ended$/,
    ],
    [
      "never becomes well",
      { run: () => JSON.parse("{") as unknown, respawnLimit: Infinity },
      /^it did not recover within 80 s: worker 1 is waiting, worker 2 is waiting$/,
    ],
    [
      "never becomes ready",
      { run: never },
      /^it did not recover within 80 s: worker 1 is starting, worker 2 is starting$/,
    ],
    [
      "fails at its shutdown",
      { shutdown: () => Promise.reject(new Error("no flush")) },
      /^it ended with code 1 after faults had ended: every worker has stopped, 2 of them with a failure$/,
    ],
    [
      "cannot start",
      { beforeFork: () => sleep(100).then(() => Promise.reject(new Error("no config"))) },
      /^it did not start after faults had ended$/,
    ],
    [
      "fails without a respawn",
      { run: () => JSON.parse("{") as unknown, respawn: "never" },
      /^it ended with code 1 after faults had ended: every worker has finished, at least one of them with a failure$/,
    ],
    [
      "hangs when its primary is gone",
      { shutdown: (_id, _signal, { reason }) => (reason === "primary-gone" ? never() : undefined) },
      /^worker #\d+ had not ended by itself 10 s after its primary had died$/,
    ],
  ])("fails if a program %s", async (_, options, violation) => {
    // A worker without a channel takes its primary for dead, too.
    const failure = await failureOf(program(options), { without: ["channel-loss"] })
    expect(failure.violation).toMatch(violation)
  })

  test("allows workers to be killed with graceful: false", async () => {
    const hanging = program({ shutdown: never, timeout: 500 })
    expect((await failureOf(hanging, { runs: 5 })).violation).toContain(
      "had not ended by itself 500 ms",
    )
    expect((await simulateProgram(hanging, { runs: 5, graceful: false })).runs).toBe(5)
  })

  test.each<[string, object, string]>([
    ["always", { always: () => expect(1).toBe(2) }, "always failed: expected 1 to be 2"],
    ["atEnd", { atEnd: () => expect(1).toBe(2) }, "atEnd failed: expected 1 to be 2"],
    ["isWell", { isWell: () => expect(1).toBe(2) }, "isWell failed: expected 1 to be 2"],
    ["recover", { recover: () => expect(1).toBe(2) }, `"all faults end" failed: expected`],
    ["always", { always: async () => true }, "always failed: it must not return a promise"],
    ["an action", { actions: { boo: () => Promise.reject(new Error("ow")) } }, `"boo" failed: ow`],
  ])(
    "fails if %s of the program fails, with its error as the cause",
    async (_, more, violation) => {
      const failure = await failureOf((os) => ({
        pool: program()(os),
        ...more,
      }))
      expect(failure.violation).toContain(violation)
      expect(failure.cause).toBeInstanceOf(Error)
    },
  )

  test("fails if a rule is broken, with the run until then", async () => {
    const failure = await failureOf((os) => ({
      pool: program()(os),
      actions: {
        "a ghost is killed"() {
          const worker = { slot: 9, incarnation: 99 }
          const reason = { rule: "stop-timeout", timeoutMs: 1 } as const
          os.observe({
            kind: "command",
            at: os.now,
            command: { type: "kill-worker", worker, reason },
          })
        },
      },
    }))
    expect(failure.violation).toBe("rule 5: kill-worker to worker 9 (#99), which was never forked")
    expect(faultsOf(failure)).toEqual(["a ghost is killed"])
  })

  test("fails if a timer throws that no worker owns", async () => {
    const { violation } = await failureOf((os) => {
      setTimeout(() => JSON.parse("{"), 5_000)
      return program()(os)
    })
    expect(violation).toMatch(/^the program failed: /)
  })

  test("is the only simulation in a process that takes the global timers", async () => {
    const [first, second] = await Promise.allSettled([
      simulateProgram(program(), { runs: 1 }),
      simulateProgram(program(), { runs: 1 }),
    ])
    expect(first).toMatchObject({ status: "fulfilled", value: { runs: 1 } })
    expect(second).toMatchObject({ status: "rejected", reason: expect.any(TypeError) })
  })

  test("leaves out the faults in `without`", async () => {
    const bounds: ProgramBounds = { without: ["primary-death", "stop", "suspend"] }
    const killed = program({
      shutdown: (_id, _signal, { reason }) => (reason === "primary-gone" ? never() : undefined),
    })
    await failureOf(killed)
    const without = { ...bounds, without: [...(bounds.without ?? []), "channel-loss" as const] }
    expect((await simulateProgram(killed, without)).runs).toBe(100)
  })

  test("restores the globals, whether or not it fails", async () => {
    const before = [setTimeout, Date, sleep, globalThis.performance]
    const during: unknown[] = []
    await simulateProgram(
      (os) => {
        during.push(setTimeout === before[0], sleep === before[2])
        return program()(os)
      },
      { runs: 1 },
    )
    expect(during.every((isSame) => isSame === false)).toBe(true)
    expect([setTimeout, Date, sleep, globalThis.performance]).toEqual(before)
    await failureOf(program({ shutdown: never }))
    expect([setTimeout, Date, sleep, globalThis.performance]).toEqual(before)
    await simulateProgram(
      (os) => {
        expect(setTimeout).toBe(before[0])
        return program()(os)
      },
      { runs: 1, clock: "own" },
    )
  })

  test.each<[string, unknown, object, Error]>([
    [
      "no function",
      undefined,
      {},
      new TypeError("simulateProgram: takes a function that starts the program, got undefined"),
    ],
    [
      "a program that returns no pool",
      () => undefined,
      {},
      new TypeError(
        `simulateProgram: the program must return what kamisama() returned, or an object with that as "pool", got undefined`,
      ),
    ],
    [
      "an async program",
      async (os: FakePlatform) => ({ pool: program()(os) }),
      {},
      new TypeError(
        `simulateProgram: the program must return what kamisama() returned, or an object with that as "pool", got a Promise. The function must not be async.`,
      ),
    ],
    [
      "a check with a misspelled name, which would never be called",
      (os: FakePlatform) => ({ pool: program()(os), alwyas: () => undefined }),
      {},
      new TypeError(`simulateProgram: unknown option "alwyas". Did you mean "always"?`),
    ],
    [
      "a check that is no function",
      (os: FakePlatform) => ({ pool: program()(os), always: 3 }),
      {},
      new TypeError(`simulateProgram: "always" must be a function, got 3`),
    ],
    [
      "an action that is no function",
      (os: FakePlatform) => ({ pool: program()(os), actions: { "a job arrives": true } }),
      {},
      new TypeError(`simulateProgram: "actions.a job arrives" must be a function, got true`),
    ],
    [
      "a program that runs elsewhere",
      () => program()(fakePlatform()),
      {},
      new TypeError(
        "simulateProgram: kamisama() was called without `platform: os`, so it would start real workers. Write kamisama({ ..., platform: os }).",
      ),
    ],
    [
      "runs that are no count",
      program(),
      { runs: 0 },
      new RangeError(`simulateProgram: "runs" must be a positive integer, got 0`),
    ],
    [
      "a fault that does not exist",
      program(),
      { without: ["kill", "crashes"] },
      new TypeError(`simulateProgram: unknown fault "crashes". Did you mean "crash"?`),
    ],
    [
      "a grace that is none",
      program(),
      { graceful: "no" },
      new TypeError(`simulateProgram: "graceful" must be true or false, got "no"`),
    ],
    [
      "a clock that does not exist",
      program(),
      { clock: "wall" },
      new RangeError(`simulateProgram: "clock" must be "global" or "own", got "wall"`),
    ],
  ])("refuses %s", async (_, given, options, error) => {
    await expect(simulateProgram(given as SimulatedProgram, options)).rejects.toThrow(error)
    expect(setTimeout).toBe(realSetTimeout)
  })

  test("throws what the program throws when it starts", async () => {
    await expect(simulateProgram(program({ workers: 0 }))).rejects.toThrow(
      'kamisama: "workers" must be a positive integer, got 0',
    )
  })
})

const realSetTimeout = setTimeout

describe("replayProgram()", () => {
  test("refuses a text that was made with other options, or is no replay text", async () => {
    const { replay } = await failureOf(program({ shutdown: never }))
    const none = program()
    await expect(replayProgram(program({ workers: 3 }), replay)).rejects.toThrow(
      "replay: the text was made with other options",
    )
    await expect(replayProgram(none, "rubbish")).rejects.toThrow(
      'replay: the text must begin with kamisama-replay-3, got "rubbish"',
    )
    await expect(replayProgram(none, `${replay}zz`)).rejects.toThrow(
      "replay: the text must be complete",
    )
  })
})
