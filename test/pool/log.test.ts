/** The lines of the log: what is printed at which level, and that docs/operate/log.md explains them as they are. */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { noticeTypes } from "../../src/core/notice.ts"
import { fakePlatform } from "../../src/fake.ts"
import { kamisama, type KamisamaOptions } from "../../src/index.ts"
import { inertSupervisor } from "../../src/pool/inert.ts"
import { version } from "../../src/pool/version.ts"
import { linesOf, noticesOf, type Scenario, scenarios } from "./log-scenarios.ts"

const operating = readFileSync(new URL("../../docs/operate/log.md", import.meta.url), "utf8")

/** Lines of other parts of a process, which no simulation has. The tests with real processes expect them. */
const realOnly = [
  "there is no control socket",
  "SIGHUP is blocked",
  "its script has not called",
  "what run returned still",
  "worker 1 (pid 8994): closed what clients",
  "worker 2 (pid 1002): the file of its socket",
  "worker 1: a server listens with reusePort",
  "worker 1: stdin is empty in workers",
  "17 processes have become zombies",
  "process 1002: pm2 supervises it",
  "process 1002 does nothing: cluster.fork() in the primary",
  "3 lines were dropped",
  "worker 1: its own listener to SIGTERM",
  "worker 1: the promise of its own listener",
  "worker 1 (pid 1001): no file descriptor",
  "nobody is served: no file descriptor",
]

/** Everything that a simulation can print. */
async function printedLines(): Promise<readonly string[]> {
  const lines = await Promise.all(Object.values(scenarios).map(linesOf))
  const ofWorker: string[] = []
  const process = { ...fakePlatform().process, worker: 1 }
  void inertSupervisor({ printError: (line) => void ofWorker.push(line), process }).scale(3)
  return [...lines.flat(), ...ofWorker]
}

interface Documented {
  /** Undefined in the table of lines that are printed whatever the option `log` is. */
  readonly level: string | undefined
  readonly line: string
}

/** The lines of the tables below "What the log says". */
function documented(): readonly Documented[] {
  const [, section = ""] = operating.split("\n## What the log says\n")
  const [tables = ""] = section.split("\n## ")
  return tables.split("\n").flatMap((row) => {
    const [, first = "", second = ""] = row.split("|").map((cell) => cell.trim())
    const level = /^(info|warn|error)(, \w+)?$/.exec(first)?.[1]
    const cell = level === undefined ? first : second
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, line = ""]) => ({ level, line }))
  })
}

/** A line without its figures, so that two with the same words are equal. */
function general(line: string): string {
  return line
    .replaceAll(/\d+(\.\d+)?(?= (ms|s|min|h)\b)/g, "N")
    .replaceAll(/\bN (ms|s|min|h)\b/g, "TIME")
    .replaceAll(/\d+(?:st|nd|rd|th)\b/g, "Nth")
    .replaceAll(/\d+(\.\d+)*/g, "N")
}

describe("docs/operate/log.md", () => {
  const rows = documented()

  test("explains some forty lines, at every level", () => {
    expect(rows.length).toBeGreaterThan(35)
    expect(new Set(rows.map(({ level }) => level))).toEqual(
      new Set(["info", "warn", "error", undefined]),
    )
  })

  test.each(rows.filter(({ line }) => !realOnly.some((start) => line.startsWith(start))))(
    "quotes a line that is printed: $level $line",
    async ({ level, line }) => {
      const printed = (await printedLines()).map((text) => general(text.split("\n", 1)[0] ?? ""))
      const [start = "", end] = general(line).split("…")
      const expected = (level === undefined ? "" : `[kamisama] ${level}: `) + start.trimEnd()
      const isWhole = end === undefined && level !== undefined
      expect(
        printed.filter((text) => (isWhole ? text === expected : text.includes(expected))),
      ).not.toEqual([])
    },
  )

  test("quotes the lines of real processes only from the known list", () => {
    for (const start of realOnly) {
      expect(rows.filter(({ line }) => line.startsWith(start))).toHaveLength(1)
    }
  })
})

/** What a pool of two prints. */
async function printedWith(
  options: Partial<KamisamaOptions>,
  hasTerminal: boolean,
  go: Scenario["go"],
): Promise<readonly string[]> {
  const os = fakePlatform({ workers: {} })
  const process = { ...os.process, hasTerminal }
  const given = { workers: 2, run: () => undefined, ...options, platform: { ...os, process } }
  await go(os, kamisama(given))
  return os.errors
}

const stopOne: Scenario["go"] = async (os) => {
  await os.advance(1_000)
  os.signalWorker(2, "SIGTERM")
  await os.advance(1_000)
}

describe("the log", () => {
  test("has a level on every line", async () => {
    for (const line of await printedLines())
      expect(line).toMatch(/^\[kamisama\] (info|warn|error): ./)
  })

  test.each([
    { log: "warn", hasTerminal: true, lines: 1 },
    { log: "warn", hasTerminal: false, lines: 0 },
    { log: undefined, hasTerminal: true, lines: 1 },
    { log: "info", hasTerminal: false, lines: 1 },
    { log: "silent", hasTerminal: true, lines: 0 },
  ] as const)(
    "prints with log $log, on a terminal: $hasTerminal, this many lines at the start: $lines",
    async ({ log, hasTerminal, lines }) => {
      const printed = await printedWith({ log }, hasTerminal, (os) => os.advance(1_000))
      expect(printed.filter((line) => line.includes("2 workers ready in 23 ms"))).toHaveLength(
        lines,
      )
      if (log !== "info") expect(printed).toHaveLength(lines)
    },
  )

  test("counts the workers that have finished by the start apart", async () => {
    const [notice] = (
      await noticesOf({
        options: { respawn: "never" },
        world: { workers: [{ dies: { after: 0, code: 0 } }, { ready: 50 }] },
        go: (os) => os.advance(1_000),
      })
    ).filter(({ type }) => type === "start")
    expect(notice).toMatchObject({ workers: 1, took: 63, pid: 1_000 })
    expect(notice?.text).toMatch(/^1 worker ready, 1 finished in 63 ms \(primary 1000, /)
  })

  test("warns once about a worker that is killed, and its exit is information", async () => {
    const killed = await linesOf({
      ...scenario("does not stop in time"),
      options: { timeout: 3_000, log: "warn" },
    })
    expect(killed.slice(1)).toEqual([
      "[kamisama] info: stopping on SIGTERM: 2 workers, at most 3 s",
      "[kamisama] warn: worker 2 (pid 1002) killed: did not stop within 3 s (timeout). Open connections, or a run that ignores context.signal?",
      "[kamisama] error: stopped, exit code 1: worker 2 had to be killed",
    ])
  })

  test("does not ask about connections if the worker was never ready", async () => {
    const lines = await linesOf({
      options: { workers: 1, timeout: 3_000, log: "warn" },
      world: { workers: { ready: false, stop: "ignore" } },
      async go(os) {
        await os.advance(1_000)
        os.signal("SIGTERM")
        await os.advance(10_000)
      },
    })
    expect(lines[1]).toMatch(/ killed: did not stop within 3 s \(timeout\)$/)
  })

  test("asks about shutdown if there is one", async () => {
    const lines = await linesOf({
      ...scenario("does not stop in time"),
      options: { timeout: 3_000, log: "warn", shutdown: () => undefined },
    })
    expect(lines[2]).toMatch(/\. Open connections, or a shutdown that never resolves\?$/)
  })

  test.each([
    { log: "warn", hasTerminal: true, lines: 1 },
    { log: "warn", hasTerminal: false, lines: 0 },
    { log: "info", hasTerminal: false, lines: 1 },
    { log: "silent", hasTerminal: true, lines: 0 },
  ] as const)(
    "prints with log $log, on a terminal: $hasTerminal, this many lines about a stop: $lines",
    async ({ log, hasTerminal, lines }) => {
      const printed = await printedWith({ log, workers: 3 }, hasTerminal, async (os) => {
        await os.advance(1_000)
        os.signal("SIGINT")
        await os.advance(1_000)
      })
      const line = "[kamisama] info: stopping on SIGINT: 3 workers, at most 10 s"
      expect(printed.filter((text) => text.includes("stopping"))).toEqual(
        Array.from({ length: lines }, () => line),
      )
    },
  )

  test("counts the workers that live when the pool stops", async () => {
    const stopping = async (world: Scenario["world"]): Promise<unknown> => {
      const lines = await linesOf({
        options: { backoff: { min: 60_000, max: 60_000 }, waitForWorkers: false },
        ...(world && { world }),
        async go(os) {
          await os.advance(5_000)
          os.signal("SIGTERM")
          await os.advance(1_000)
        },
      })
      return lines.find((line) => line.includes("stopping"))
    }
    const begin = "[kamisama] info: stopping on SIGTERM"
    expect(await stopping({ workers: {} })).toBe(`${begin}: 2 workers, at most 10 s`)
    expect(await stopping({ workers: [{}, { dies: { after: 100 } }] })).toBe(
      `${begin}: 1 worker, at most 10 s`,
    )
    expect(await stopping({ workers: { dies: { after: 100 } } })).toBe(begin)
  })

  test("does not warn about a worker that has finished", async () => {
    const { options, ...finishes } = scenario("finishes")
    const at = async (log: "info" | "warn", respawn: "never" | "always"): Promise<unknown> =>
      (await linesOf({ ...finishes, options: { ...options, log, respawn } })).filter((line) =>
        line.includes("code 0"),
      )
    const end = "[kamisama] info: stopped, exit code 0: every worker has finished"
    expect(await at("info", "never")).toEqual([
      "[kamisama] info: worker 1 (pid 1001) finished (exit code 0)",
      "[kamisama] info: worker 2 (pid 1002) finished (exit code 0)",
      end,
    ])
    // On a terminal.
    expect(await at("warn", "never")).toEqual([end])
    expect(await at("warn", "always")).toContain(
      "[kamisama] warn: worker 1 (pid 1001) exited with code 0",
    )
  })

  test("does not call a replacement finished that has exited with code 0", async () => {
    const lines = await linesOf({
      options: { workers: 1, respawn: "on-failure", log: "warn" },
      world: {
        workers: ({ nth }) => (nth === 2 ? { dies: { after: 5, since: "run", code: 0 } } : {}),
      },
      async go(os, pool) {
        await os.advance(1_000)
        void pool.reload()
        await os.advance(1_000)
      },
    })
    expect(lines).toContain("[kamisama] warn: worker 1 (pid 1002) exited with code 0")
  })

  test("names the kernel as a suspect only if the pool sent no SIGKILL", async () => {
    const lines = (await Promise.all(Object.values(scenarios).map(linesOf))).flat()
    const ended = lines.filter((line) => line.includes("was ended by SIGKILL"))
    const foreign = ended.filter((line) => line.includes(" warn: "))
    expect(foreign).toEqual([
      "[kamisama] warn: worker 1 (pid 1001) was ended by SIGKILL, not by kamisama (out of memory?)",
    ])
    for (const line of ended.filter((line) => line.includes(" info: "))) {
      expect(line).toMatch(/ was ended by SIGKILL$/)
    }
    expect(ended.length).toBeGreaterThan(3)
  })

  test("says why a worker was not ready in time, and repeats it as the last error", async () => {
    const linesWith = async (script: { readonly boot?: false; readonly ready?: false }) =>
      (
        await linesOf({
          options: { workers: 1, startTimeout: 2_000, respawnLimit: 0, log: "warn" },
          world: { workers: script },
          go: (os) => os.advance(10_000),
        })
      ).map((line) => line.replace(/^.*Last error: (.*) Stopping.*$/, "$1"))
    expect((await linesWith({ boot: false })).slice(0, 2)).toEqual([
      "[kamisama] warn: worker 1 (pid 1001) killed: its script did not call kamisama() within 2 s (startTimeout)",
      "worker 1 did not call kamisama() within 2 s (startTimeout).",
    ])
    expect((await linesWith({ ready: false })).slice(0, 2)).toEqual([
      "[kamisama] warn: worker 1 (pid 1001) killed: not ready within 2 s (startTimeout)",
      "worker 1 was not ready within 2 s (startTimeout).",
    ])
  })

  test("says why a worker was killed as the last error, whatever the reason was", async () => {
    const lastErrorOf = async (
      options: Partial<KamisamaOptions>,
      script: { readonly hangs?: { after: number }; readonly stop?: "ignore" },
    ): Promise<string | undefined> => {
      const lines = await linesOf({
        options: { workers: 1, respawnLimit: 0, ...options },
        world: { workers: script },
        async go(os) {
          await os.advance(1_000)
          os.signalWorker(1, "SIGTERM")
          await os.advance(60_000)
        },
      })
      return lines.map((line) => / Last error: (.*) Stopping/.exec(line)?.[1]).find(Boolean)
    }
    expect(await lastErrorOf({ heartbeatTimeout: 2_000 }, { hangs: { after: 1 } })).toBe(
      "worker 1 sent no heartbeat for 2 s (heartbeatTimeout).",
    )
    expect(await lastErrorOf({ timeout: 3_000 }, { stop: "ignore" })).toBe(
      "worker 1 did not stop within 3 s (timeout).",
    )
  })

  test("says what failed at the stop: shutdown, or closing what run returned", async () => {
    const failureOf = async (options: Partial<KamisamaOptions>): Promise<string | undefined> => {
      const lines = await linesOf({
        ...scenario("what run returned cannot be closed"),
        options: { workers: 1, ...options },
      })
      return lines.find((line) => line.includes("failed"))?.split("\n", 1)[0]
    }
    const begin = "[kamisama] warn: worker 1 (pid 1001): "
    const fails = (): never => {
      throw new Error("no flush")
    }
    expect(await failureOf({ run: () => fails })).toBe(
      `${begin}closing what run returned failed: Error: no flush`,
    )
    expect(await failureOf({ run: () => undefined, shutdown: fails })).toBe(
      `${begin}shutdown failed: Error: no flush`,
    )
  })

  test("ends with the fact that it gave up, and with what failed after that", async () => {
    const last = async (name: string, options: Partial<KamisamaOptions> = {}): Promise<unknown> => {
      const given = scenario(name)
      return (await linesOf({ ...given, options: { ...given.options, ...options } })).at(-1)
    }
    const begin = "[kamisama] error: stopped, exit code 1 after giving up"
    expect(await last("crashes alone in a row")).toBe(begin)
    expect(await last("fails while the pool gives up")).toBe(
      `${begin} (worker 2 exited with code 7)`,
    )
    expect(await last("fails while the pool gives up", { waitForWorkers: false })).toBe(
      `${begin} (the workers stop on their own)`,
    )
  })

  test("says that a signal stopped a worker, and that it is replaced", async () => {
    expect(await printedWith({}, false, stopOne)).toEqual([
      "[kamisama] warn: worker 2 (pid 1002) received SIGTERM, replacing it",
      "[kamisama] warn: worker 2 restarted (pid 1003) · 1 of 16 restarts used in the last 60 s",
    ])
  })

  test("says nothing of that if the signal reached the whole group, or nothing replaces the worker", async () => {
    const group = await printedWith({}, false, async (os) => {
      await os.advance(1_000)
      os.signalGroup("SIGINT", "workers")
      await os.advance(1_000)
    })
    expect(group).toEqual([])
    expect(await printedWith({ respawn: "on-failure" }, false, stopOne)).toEqual([])
  })

  test("mentions no limit of restarts if there is none", async () => {
    const lines = await printedWith({ respawnLimit: Infinity }, false, stopOne)
    expect(lines[1]).toBe("[kamisama] warn: worker 2 restarted (pid 1003)")
  })

  test("names all workers that failed at the stop, up to three of a kind", async () => {
    const last = async (workers: number, stop: { code: number } | "ignore"): Promise<unknown> => {
      const lines = await linesOf({
        options: { workers, timeout: 1_000 },
        world: { workers: ({ id }) => (id === 1 ? { stop: { code: 7 } } : { stop }) },
        async go(os) {
          await os.advance(1_000)
          os.signal("SIGTERM")
          await os.advance(10_000)
        },
      })
      return lines.at(-1)
    }
    const begin = "[kamisama] error: stopped, exit code 1: "
    expect(await last(2, "ignore")).toBe(
      `${begin}worker 1 exited with code 7; worker 2 had to be killed`,
    )
    expect(await last(3, { code: 7 })).toBe(`${begin}workers 1, 2 and 3 exited with code 7`)
    expect(await last(5, "ignore")).toBe(
      `${begin}worker 1 exited with code 7; 4 workers had to be killed`,
    )
  })

  test("names the last error when it gives up, even of an exit without one", async () => {
    const lines = await linesOf(scenario("crashes alone in a row"))
    expect(lines.find((line) => line.includes("giving up"))).toBe(
      "[kamisama] error: giving up: 4 restarts needed within 60 s (respawnLimit 3). Last error: worker 2 exited with code 1. Stopping all workers, exit code 1.",
    )
  })

  test("does not refer to lines above for a log function", async () => {
    const notices = await noticesOf(scenario("crashes of run until it gives up"))
    const exit = notices.find(({ type }) => type === "exit")
    expect(exit?.text).toBe("worker 1 (pid 1001) exited with code 1: Error: no database")
  })

  test("has a scenario for every type of notice", async () => {
    const notices = await Promise.all(Object.values(scenarios).map(noticesOf))
    expect(new Set(notices.flat().map(({ type }) => type))).toEqual(new Set(noticeTypes))
  })

  test("has the version of package.json", () => {
    const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8")
    expect(JSON.parse(file)).toMatchObject({ version })
  })
})

describe("a reload that is aborted", () => {
  const reload = { options: { workers: 2, log: "warn" } } as const

  async function abortOf(
    world: Scenario["world"],
    options: Partial<KamisamaOptions> = {},
  ): Promise<string> {
    const lines = await linesOf({
      options: { ...reload.options, ...options },
      ...(world && { world }),
      async go(os, pool) {
        await os.advance(1_000)
        void pool.reload()
        await os.advance(60_000)
      },
    })
    return lines.find((line) => line.includes("reload aborted")) ?? ""
  }

  test("names the code that serves if no worker was replaced", async () => {
    const line = await abortOf({
      workers: ({ nth }) => (nth === 2 ? { dies: { after: 5, since: "run" } } : {}),
    })
    expect(line).toBe(
      "[kamisama] error: reload aborted: new worker 1 (pid 1003) exited with code 1 before it was ready. All 2 workers run the old code.",
    )
  })

  test("says how the new worker failed if it did not exit", async () => {
    const late = await abortOf(
      { workers: ({ nth }) => (nth === 2 ? { ready: false } : {}) },
      { workers: 1 },
    )
    expect(late).toMatch(
      /: new worker 1 \(pid 1002\) was not ready in time\. The worker runs the old code\.$/,
    )
    const refused = await abortOf({
      workers: ({ nth }) => (nth === 2 ? { forkError: "EAGAIN" } : {}),
    })
    expect(refused).toMatch(
      /: new worker 1 could not be started\. All 2 workers run the old code\.$/,
    )
  })
})

describe("text from outside", () => {
  const forged = "no\n[kamisama] error: giving up\u001b[2J"

  test("cannot forge a line: an error of the operating system", async () => {
    const lines = await linesOf({
      options: { workers: 1, respawnLimit: 0 },
      world: { workers: { forkError: forged } },
      go: (os) => os.advance(1_000),
    })
    expect(lines.join("\n")).not.toMatch(/^\[kamisama\] error: giving up\\x1b/m)
    expect(lines).toContain(
      "[kamisama] warn: worker 1 could not be started: no\\n\\x5bkamisama] error: giving up\\x1b[2J",
    )
    expect(lines.find((line) => line.includes("Last error"))).toContain(
      "Last error: no\\n\\x5bkamisama]",
    )
  })

  test("cannot forge a line: an error of the user's code, whose stack keeps its lines", async () => {
    const lines = await linesOf({
      options: {
        workers: 1,
        run: () => {
          throw Object.assign(new Error("x"), { stack: `Error: ${forged}\n    at run` })
        },
      },
      go: (os) => os.advance(50),
    })
    expect(lines.find((line) => line.includes("run failed"))).toBe(
      "[kamisama] warn: worker 1 (pid 1001): run failed: Error: no\n  \\x5bkamisama] error: giving up\\x1b[2J\n      at run",
    )
  })

  test("cannot forge a line: a signal that stop() was called with", async () => {
    const lines = await linesOf({
      world: { workers: {} },
      async go(os, pool) {
        await os.advance(1_000)
        void pool.stop(forged)
        await os.advance(1_000)
      },
    })
    expect(lines).toContain(
      "[kamisama] info: stopping on no\\n\\x5bkamisama] error: giving up\\x1b[2J: 2 workers, at most 10 s",
    )
  })
})

function scenario(name: string): Scenario {
  const found = scenarios[name]
  if (found === undefined) throw new Error(`there is no scenario "${name}"`)
  return found
}

test("the line about a reload that another one follows counts its own workers", async () => {
  const scenario = scenarios["a reload follows another"]
  const lines = scenario === undefined ? [] : await linesOf(scenario)
  const finished = lines.filter((line) => line.includes("reload finished"))
  expect(finished).toHaveLength(2)
  for (const line of finished) {
    expect(line).toMatch(/all 4 workers run the new code \((?!0 ms)/)
  }
})
