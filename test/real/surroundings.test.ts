/** The pool among other programs: npm, nodemon, loaders, pipes, other clusters, and foreign messages. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe } from "vitest"
import { freePort } from "./harness/ports.ts"
import { defaultRuntime, expect, fixture, test } from "./harness/program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

describe("a program that npm starts", () => {
  test.for(["npm", "group"] as const)(
    "stops at a signal to %s with one shutdown per worker",
    async (target, { start }) => {
      const folder = mkdtempSync(join(tmpdir(), "kamisama-npm-"))
      const script = { start: `exec "${process.execPath}" "${fixture("pool.ts")}"` }
      writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts: script }))
      const program = start("", {
        through: ["sh", "-c", "exec npm start --silent", "sh"],
        cwd: folder,
      })
      await program.untilPrinted("ready")
      if (target === "npm") program.signal("SIGTERM")
      else program.signalGroup("SIGINT")
      await program.untilGone()
      const shutdowns = program.lines.filter((line) => line.startsWith("shutdown"))
      expect(new Set(shutdowns).size).toBe(shutdowns.length)
      expect(shutdowns.length).toBe(program.lines.filter((line) => line.startsWith("run")).length)
      rmSync(folder, { recursive: true })
    },
  )
})

describe("a program under nodemon", () => {
  test("shuts down once when a file is touched, and the next one binds the same port", async ({
    start,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-nodemon-"))
    const port = await freePort()
    const settings = JSON.stringify({ options: { workers: 2 }, run: "serves", port })
    writeFileSync(join(folder, "touched.ts"), "")
    const nodemon = join(root, "node_modules/nodemon/bin/nodemon.js")
    const program = start(nodemon, {
      args: [
        "--quiet",
        "--watch",
        folder,
        "--signal",
        "SIGUSR2",
        "--exec",
        process.execPath,
        fixture("pool.ts"),
        `'${settings}'`,
      ],
      cwd: folder,
    })
    await program.untilPrinted("ready")
    for (let generation = 1; generation <= 2; generation += 1) {
      writeFileSync(join(folder, "touched.ts"), `// ${generation}`)
      await program.untilPrinted("ready", generation + 1)
      const lines = program.lines.filter((line) => line.startsWith("shutdown"))
      expect(lines).toHaveLength(2 * generation)
      expect(new Set(lines.map((line) => line.split(" ")[2])).size).toBe(2 * generation)
      expect(lines.every((line) => line.includes("SIGUSR2"))).toBe(true)
      const response = await fetch(`http://127.0.0.1:${port}`)
      expect(response.status).toBe(200)
      await response.text()
    }
    program.signalGroup("SIGINT")
    await program.untilGone()
    expect(program.lines.filter((line) => line.startsWith("run"))).toHaveLength(6)
    rmSync(folder, { recursive: true })
  })
})

describe("a pipe without a reader", () => {
  test.for(["stdout", "stderr"] as const)(
    "does not end the pool if it is a closed %s",
    async (stream, { startPool }) => {
      const program = startPool({ options: { workers: 2, log: "info" } })
      await program.untilPrinted("ready")
      program.child[stream]?.destroy()
      for (const pid of program.workerPids()) program.signal("SIGKILL", pid)
      await program.until("two respawns", () => program.commands("run-worker") === 4)
      program.signal("SIGTERM")
      expect((await program.untilExit()).code).toBe(0)
    },
  )
})

describe("a loader", () => {
  test.skipIf(defaultRuntime === "deno")(
    "is inherited by the workers if it is --import tsx",
    async ({ startPool }) => {
      const tsx = new URL("../../node_modules/tsx/dist/loader.mjs", import.meta.url).href
      const program = startPool({ options: { workers: 2 } }, { execArgv: ["--import", tsx] })
      await program.untilPrinted("ready")
      program.signal("SIGTERM")
      expect((await program.untilExit()).code).toBe(0)
      expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(2)
    },
  )

  test("runs a pool if it is the tsx command", async ({ start }) => {
    const tsx = join(root, "node_modules/tsx/dist/cli.mjs")
    const program = start(tsx, { args: [fixture("pool.ts"), '{"options":{"workers":2}}'] })
    await program.untilPrinted("ready")
    program.signalGroup("SIGINT")
    await program.untilGone()
    expect(program.lines.filter((line) => line.startsWith("shutdown"))).toHaveLength(2)
  })
})

test.skipIf(defaultRuntime === "deno" || defaultRuntime === "bun").for([
  ["--heapsnapshot-signal", ["--heapsnapshot-signal=SIGUSR2"], ""],
  ["--heapsnapshot-signal", [], "--heapsnapshot-signal=SIGUSR2"],
  ["--report-on-signal", ["--report-on-signal"], ""],
  ["--report-on-signal", [], "--report-on-signal --report-signal=SIGUSR2"],
] as const)(
  "a pool says that it shares a signal with %s (%j, %j)",
  async ([flag, execArgv, NODE_OPTIONS], { startPool }) => {
    const program = startPool({ options: { workers: 1 } }, { execArgv, env: { NODE_OPTIONS } })
    await program.untilPrinted("ready")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.stderr).toBe(
      `[kamisama] warn: option check (signal-taken-twice): SIGUSR2 means "stop" to the pool, and ${flag} writes a file at it, so both happen. Give the flag another signal, or map this one to false.\n`,
    )
  },
)

// Only Node has it, and Node 20 calls it otherwise.
describe.skipIf(!/^node2[246]$/.test(defaultRuntime))(
  "under the permission model of Node, a program",
  () => {
    const model = ["--no-warnings", "--permission", "--allow-fs-write=*"]

    test("leaves no orphan if it may not look for the sh of its reaper", async ({ startPool }) => {
      const readable = [root, tmpdir()].map((folder) => `--allow-fs-read=${folder}/*`)
      const net = defaultRuntime === "node26" ? ["--allow-net"] : []
      const program = startPool(
        { options: { workers: 1, timeout: 600, waitForWorkers: false }, run: "busy" },
        { execArgv: [...model, ...readable, ...net, "--allow-child-process"] },
      )
      await program.untilPrinted("busy")
      program.signal("SIGKILL")
      await program.untilGone()
      expect(program.stderr).toBe("")
    })

    test.skipIf(defaultRuntime === "node22")(
      "runs if the permissions are only audited",
      async ({ startPool }) => {
        const program = startPool({ options: { workers: 1 } }, { execArgv: ["--permission-audit"] })
        await program.untilPrinted("ready")
        program.signal("SIGTERM")
        expect((await program.untilExit()).code).toBe(0)
      },
    )
  },
)

/** Where processes may have a namespace of their own, the first of them has pid 1. */
const unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

test.skipIf(spawnSync("env", [...unshare, "true"]).status !== 0)(
  "a primary that is pid 1 says that it does not reap what its workers had started",
  async ({ start }) => {
    const program = start(fixture("helpers.ts"), { through: unshare })
    await program.untilPrinted("run 3")
    await program.until("its line", () => program.stderr !== "")
    expect(program.stderr).toMatch(
      /^\[kamisama\] warn: (1 process has become a zombie|2 processes have become zombies): dead workers /,
    )
    const [primary = 0] = program.workerPids()
    program.signal("SIGTERM", primary)
    expect((await program.untilExit()).code).toBe(0)
  },
)

describe("a program beside others", () => {
  test("is supervised even if a worker of another pool started it", async ({ start }) => {
    const program = start(fixture("nested.ts"))
    await program.untilPrinted("inner exit 0")
    expect(program.lines[0]).toBe("outer run 1 false")
    expect(program.lines.filter((line) => line.startsWith("running worker"))).toHaveLength(3)
    expect(program.lines.filter((line) => /shutting down from SIGTERM/.test(line))).toHaveLength(3)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("can use the port that another one has just left", async ({ startPool }) => {
    const port = await freePort()
    for (let count = 0; count < 2; count += 1) {
      const program = startPool({
        options: { workers: 2 },
        run: "serves",
        port,
        shutdown: "default",
      })
      await program.untilPrinted("ready")
      await (await fetch(`http://127.0.0.1:${port}`)).text()
      program.signal("SIGTERM")
      expect((await program.untilExit()).code).toBe(0)
    }
  })

  test("receives the user's messages in both directions, and survives foreign ones", async ({
    start,
  }) => {
    const program = start(fixture("messages.ts"))
    await program.untilPrinted('primary got {"answer":{"from":"primary"}}')
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.stderr).toBe("")
    expect(program.lines.some((line) => line.includes("NODE_") || line.includes('hello"'))).toBe(
      program.lines.some((line) => line.includes('"hello"')),
    )
    expect(program.events("worker-exited")).toBe(1)
  })
})

// See test/promises/exceptions.ts.
test.skipIf(defaultRuntime === "deno")(
  "kamisama() does nothing in a thread of a worker",
  async ({ start }) => {
    const program = start(fixture("thread.ts"))
    await program.untilPrinted("thread", 1)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.lines).toEqual(["run", "thread false"])
    expect(program.commands("fork-worker")).toBe(1)
  },
)

describe("a worker", () => {
  test.for([
    ["late listen", ["listening", "ready"]],
    ["no return", ["listening", "ready"]],
    ["declares", ["declared", "ready"]],
  ] as const)("is ready once it serves, not before: %s", async ([path, lines], { start }) => {
    const program = start(fixture("readiness.ts"), { args: [path] })
    await program.untilPrinted("ready")
    expect(program.lines).toEqual(lines)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("is never ready if its server cannot listen, which is a failure of run", async ({
    start,
  }) => {
    const program = start(fixture("readiness.ts"), { args: ["cannot listen"] })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toMatch(/run failed: Error: (bind )?E[A-Z]+/)
    expect(program.lines.at(-1)).toMatch(/^the pool has ended before it was ready: /)
  })
})

describe("a fork that fails", () => {
  test("is reported and tried again", async ({ start }) => {
    const program = start(fixture("fork-failures.ts"))
    await program.untilPrinted("run", 2)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.events("fork-failed")).toBeGreaterThanOrEqual(3)
    expect(program.stderr).toMatch(/could not be started: .*(ENOENT|No such)/)
  })

  test("is reported and tried again if it throws", async ({ start }) => {
    const program = start(fixture("fork-throws.ts"))
    await program.untilPrinted("run", 2)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.events("fork-failed")).toBeGreaterThanOrEqual(3)
    expect(program.stderr).toMatch(/could not be started: The .*gid/)
  })
})

describe("the option beforeFork", () => {
  test("is awaited once in the primary before the first fork", async ({ start }) => {
    const program = start(fixture("before-fork.ts"))
    await program.untilPrinted("run", 2)
    expect(program.lines.slice(0, 2)).toEqual(["before true starting", "migrated"])
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("ends the primary with 1 and prints the error if it fails", async ({ start }) => {
    const program = start(fixture("before-fork.ts"), { args: ["fails"] })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toMatch(/beforeFork failed: Error: no migrations\n +at /)
    expect(program.commands("fork-worker")).toBe(0)
  })

  test("can hang, and a stop then ends the primary with 0", async ({ start }) => {
    const program = start(fixture("before-fork.ts"), { args: ["hangs"] })
    await program.untilPrinted("before")
    program.signal("SIGINT")
    expect((await program.untilExit()).code).toBe(0)
    expect(program.commands("fork-worker")).toBe(0)
  })
})

describe("kamisama() throws", () => {
  const errors = [
    `TypeError: kamisama: "run" must be a function that does the work, got undefined`,
    "TypeError: kamisama: takes a function or an object of options, got null",
    `TypeError: kamisama: unknown option "worker". Did you mean "workers"?`,
    `RangeError: kamisama: "workers" must be a positive integer, got 0. Leave it out for one per core.`,
    `RangeError: kamisama: "workers" must be a positive integer, got NaN`,
    `TypeError: kamisama: "shutdown" must be a function, got 7`,
    `RangeError: kamisama: "log" must be "silent", "warn", "info" or a function, got "loud"`,
    `RangeError: kamisama: "scheduling" must be "round-robin" or "os", got "kernel"`,
    `RangeError: kamisama: "signals" must not map SIGKILL: it cannot be caught`,
    `RangeError: kamisama: "exit" must be true if "waitForWorkers" is false, got false`,
  ]

  test.for(errors.map((error, index) => ({ error, index })))(
    "$error",
    async ({ error, index }, { start }) => {
      const program = start(fixture("bad-options.ts"), { args: [String(index)] })
      expect((await program.untilExit()).code).toBe(1)
      expect(program.stderr).toContain(error)
      // The line that Node prints above the error, and the first frame below it, are the caller's.
      expect(program.stderr).toMatch(/bad-options\.[jt]s:\d+\nkamisama\(options\);?\n/)
      expect(/^ +at .*/m.exec(program.stderr)?.[0]).toMatch(/bad-options\.[jt]s:\d+:\d+/)
      expect(program.commands("fork-worker")).toBe(0)
    },
  )

  test("at a second call", async ({ start }) => {
    const program = start(fixture("bad-options.ts"), { args: ["10", "twice"] })
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toContain(
      "rror: kamisama: already called in this process. It may be called only once.",
    )
    expect(program.commands("fork-worker")).toBe(0)
  })
})
