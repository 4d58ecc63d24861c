/** What a worker has started ends after it, however the worker ends. What it has detached is left alone. */
import { spawnSync } from "node:child_process"
import { describe } from "vitest"
import { defaultRuntime, expect, type Program, test } from "./harness/program.ts"
import {
  attached,
  detached,
  endLeft,
  type Kind,
  signalWorkers,
  treeOf,
  type TreeSettings,
  untilLeft,
  untilStarted,
} from "./harness/tree.ts"

interface End {
  readonly settings: TreeSettings
  /** Whether what the worker leaves is asked before it is killed. */
  readonly isAsked: boolean
  end(program: Program): void
}

/** On a busy machine, a worker is blocked for a while as it starts ten processes. */
const heartbeatTimeout = 5_000

const ends: { readonly [how: string]: End } = {
  "is killed by somebody else": {
    settings: {},
    isAsked: true,
    end: (program) => signalWorkers(program, "SIGKILL"),
  },
  crashes: { settings: { ends: "crashes" }, isAsked: true, end: endWorkers },
  exits: { settings: { ends: "exits" }, isAsked: true, end: endWorkers },
  "stops after a signal": {
    settings: {},
    isAsked: true,
    end: (program) => signalWorkers(program, "SIGTERM"),
  },
  "is replaced in a reload": {
    settings: { options: { signals: { SIGHUP: "reload" } } },
    isAsked: true,
    end: (program) => program.signal("SIGHUP"),
  },
  "is killed because it hangs": {
    settings: { ends: "spins", options: { heartbeatTimeout } },
    isAsked: false,
    end: endWorkers,
  },
  "is killed while it waits for a command": {
    settings: { ends: "waits", options: { heartbeatTimeout } },
    isAsked: false,
    end: endWorkers,
  },
}

/** Has each worker end as the settings say. */
function endWorkers(program: Program): void {
  signalWorkers(program, "SIGWINCH")
}

function asked(program: Program): number {
  return program.lines.filter((line) => line === "asked").length
}

/** Stops the pool. What is left is then ended too. */
async function stops(program: Program, left: readonly Kind[]): Promise<void> {
  program.signal("SIGTERM")
  await program.untilExit()
  await untilLeft(program, left)
  endLeft(program)
  await program.untilGone()
}

describe("nothing that a worker has started is left if the worker", () => {
  test.for(Object.entries(ends))("%s", async ([how, { settings, isAsked, end }], { start }) => {
    // Deno kills the children of a process that an error ends. What they have started can then only be told by its mark.
    const isLost = defaultRuntime === "deno" && how === "crashes"
    const left: readonly Kind[] = isLost
      ? [detached, "a child of a child with another environment"]
      : [detached]
    const options = { respawn: "always", ...settings.options }
    const program = treeOf(start, { ...settings, options })
    await untilStarted(program)
    end(program)
    await untilLeft(program, left)
    expect(asked(program)).toBe(isAsked && !isLost ? 1 : 0)
    expect(program.exit).toBeUndefined()
    await stops(program, left)
  })
})

describe("nothing that a worker has started is left if the pool", () => {
  test("stops, and it is not asked to end before its worker has exited", async ({ start }) => {
    const program = treeOf(start, {})
    await untilStarted(program)
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(program.lines.slice(-2)).toEqual(["shut down", "asked"])
  })

  test("stops, and a worker has to be killed", async ({ start }) => {
    const program = treeOf(start, { ends: "spins", options: { timeout: 500 } })
    await untilStarted(program)
    endWorkers(program)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(1)
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(asked(program)).toBe(0)
  })

  test("does not wait for its workers", async ({ start }) => {
    const program = treeOf(start, { options: { waitForWorkers: false } })
    await untilStarted(program)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(program.lines.slice(-2)).toEqual(["shut down", "asked"])
  })
})

describe("nothing that a worker has started is left if the primary is killed", () => {
  test("and the worker stops by itself", async ({ start }) => {
    const program = treeOf(start, {})
    await untilStarted(program)
    program.signal("SIGKILL")
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(program.lines.slice(-2)).toEqual(["shut down", "asked"])
  })

  test.for(["spins", "waits"] as const)("and the worker %s", async (how, { start }) => {
    const program = treeOf(start, { ends: how, options: { timeout: 500 } })
    await untilStarted(program)
    endWorkers(program)
    program.signal("SIGKILL")
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(asked(program)).toBe(0)
  })

  test("together with the worker", async ({ start }) => {
    const program = treeOf(start, {})
    await untilStarted(program)
    const workers = program.workerPids()
    program.signal("SIGKILL")
    for (const pid of workers) program.signal("SIGKILL", pid)
    await untilLeft(program, [detached])
    endLeft(program)
    await program.untilGone()
    expect(asked(program)).toBe(1)
  })
})

describe("what is not of a worker that has ended is left alone:", () => {
  test("what another worker has started", async ({ start }) => {
    const program = treeOf(start, { starting: 2, options: { workers: 2 } })
    await untilStarted(program, 2)
    const [pid = 0] = program.workerPids()
    program.signal("SIGKILL", pid)
    await untilLeft(program, [...attached, detached, detached])
    await stops(program, [detached, detached])
    expect(asked(program)).toBe(2)
  })

  test("what another pool in the same session has started", async ({ start }) => {
    const through = ["sh", "-c", `"$@" & "$@" & wait`, "sh"]
    const program = treeOf(start, {}, { through })
    await untilStarted(program, 2)
    const [one = 0, other = 0] = program.workerPids()
    const [pid = 0] = program.workerPids(one)
    program.signal("SIGKILL", pid)
    await untilLeft(program, [...attached, detached, detached])
    await program.until("the end of the first reaper", () => reapers(program) === 1)
    await untilLeft(program, [...attached, detached, detached])
    expect(program.workerPids(other)).toHaveLength(1)
    program.signal("SIGTERM", other)
    await untilLeft(program, [detached, detached])
    endLeft(program)
    await program.untilGone()
  })

  test("everything with killTree: false", async ({ start }) => {
    const program = treeOf(start, { options: { killTree: false, heartbeatTimeout: 1_500 } })
    await untilStarted(program)
    signalWorkers(program, "SIGKILL")
    await program.untilExit()
    await program.until("the end of the reaper", () => reapers(program) === 0)
    await untilLeft(program, [...attached, detached])
    for (const { pid } of program.processes()) program.signal("SIGKILL", pid)
    await program.untilGone()
    expect(asked(program)).toBe(0)
  })
})

function reapers(program: Program): number {
  return program.processes().filter(({ command }) => command.includes("kamisama-reaper")).length
}

/** Where processes may have a namespace of their own, the first of them has pid 1. */
const unshare = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]

test.skipIf(spawnSync("env", [...unshare, "true"]).status !== 0)(
  "nothing that a worker has started is left if the primary is pid 1",
  async ({ start }) => {
    const program = treeOf(start, { options: { respawn: "always" } }, { through: unshare })
    await untilStarted(program)
    const [primary = 0] = program.workerPids()
    for (const pid of program.workerPids(primary)) program.signal("SIGKILL", pid)
    await untilLeft(program, [detached])
    program.signal("SIGTERM", primary)
    expect((await program.untilExit()).code).toBe(0)
  },
)
