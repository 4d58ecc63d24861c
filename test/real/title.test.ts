/** What lists of processes show of a pool. */
import { spawnSync } from "node:child_process"
import { describe } from "vitest"
import {
  defaultRuntime,
  expect,
  fixture,
  type Program,
  stopsWith,
  test,
} from "./harness/program.ts"

/** Bun cannot change what is shown of itself. */
const isBun = defaultRuntime === "bun"

/** What `ps` shows of the pool, without what is not the same each time. */
function shown(program: Program): string[] {
  const pids = program.processes().map(({ pid }) => String(pid))
  const { stdout } = spawnSync("ps", ["-o", "args=", "-p", pids.join()], { encoding: "utf8" })
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.trimEnd().replace(/\d+$/, "PID"))
    .toSorted()
}

function reaperOf(name: string): string {
  return `kamisama: ${name} [reaper] /bin/sh -c eval "$script" kamisama-reaper PID`
}

describe("lists of processes", () => {
  test("name the script and the part of each process", async ({ startPool }) => {
    const program = startPool({ options: { workers: 2 } })
    await program.untilPrinted("ready")
    const name = "pool.js"
    const parts = isBun ? [] : ["primary", "worker 1", "worker 2"]
    expect(shown(program).filter((line) => line.startsWith("kamisama"))).toEqual(
      [...parts.map((part) => `kamisama: ${name} [${part}]`), reaperOf(name)].toSorted(),
    )
    await stopsWith(program, 0)
  })

  test("name what the option says, also in workers that are forked later", async ({
    startPool,
  }) => {
    const program = startPool({ options: { workers: 1, title: "the app" } })
    await program.untilPrinted("ready")
    for (const pid of program.workerPids()) program.signal("SIGKILL", pid)
    await program.untilPrinted("run", 2)
    const parts = isBun ? [] : ["primary", "worker 1"]
    expect(shown(program).filter((line) => line.startsWith("kamisama"))).toEqual(
      [...parts.map((part) => `kamisama: the app [${part}]`), reaperOf("the app")].toSorted(),
    )
    await stopsWith(program, 0)
  })

  test("show the commands with title: false", async ({ startPool }) => {
    const program = startPool({ options: { workers: 1, title: false } })
    await program.untilPrinted("ready")
    const lines = shown(program)
    expect(lines).toHaveLength(3)
    expect(lines.filter((line) => line.includes("pool."))).toHaveLength(2)
    expect(lines).toContainEqual(
      expect.stringMatching(/^\S*sh -c eval "\$script" kamisama-reaper PID$/),
    )
    await stopsWith(program, 0)
  })

  test("show the command of what has no space for its title, and its environment is whole", async ({
    start,
  }) => {
    const program = start(fixture("long-title.ts"))
    await program.untilPrinted("ready")
    // The harness finds them by their environment.
    const lines = shown(program)
    expect(lines.filter((line) => line.includes("long-title."))).toHaveLength(2)
    expect(lines).toContain(reaperOf("x".repeat(5_000)))
    await stopsWith(program, 0)
  })

  test.skipIf(defaultRuntime === "deno" || isBun)(
    "keep a title that was given to the program",
    async ({ startPool }) => {
      const program = startPool({ options: { workers: 1 } }, { execArgv: ["--title=mine"] })
      await program.untilPrinted("ready")
      expect(shown(program).filter((line) => line === "mine")).toHaveLength(2)
      await stopsWith(program, 0)
    },
  )
})
