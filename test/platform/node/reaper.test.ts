/**
 * Real reapers of real processes, under every shell of this system.
 *
 * For a reaper, its release looks the same as the death of its primary. Most tests therefore release it. Those at the end
 * kill a process that keeps one.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { Plan } from "../../../src/core/plan/plan.ts"
import { keepReaper, type Reaper, type ReaperSettings } from "../../../src/platform/node/reaper.ts"
import { listedProcess, ownStat } from "../../../src/platform/node/process-list.ts"
import { allProcesses } from "../../real/harness/processes.ts"

const boundMs = 20_000
vi.setConfig({ testTimeout: 3 * boundMs, hookTimeout: 3 * boundMs })

const folder = mkdtempSync(join(tmpdir(), "kamisama-reaper-"))

/** Each under the name sh, with which they behave as a POSIX shell. */
const shells = ["dash", "bash", "busybox"].flatMap((name) => {
  const program = ["/bin", "/usr/bin"]
    .map((path) => join(path, name))
    .find((path) => existsSync(path))
  if (program === undefined) return []
  const link = mkdtempSync(join(folder, `${name}-`))
  symlinkSync(program, join(link, "sh"))
  return [[name, join(link, "sh")] as const]
})

const own = ownStat() ?? { state: "", parent: 0, session: "", startedAt: "" }
const listens: Plan["signals"] = { SIGTERM: "stop" }
const victims: ChildProcess[] = []
const reapers: Reaper[] = []
const owners: ChildProcess[] = []
/** Processes of owners, which only their reapers would end. */
const strays: number[] = []

beforeEach(() => {
  expect(reaperPids()).toEqual([])
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const owner of owners.splice(0)) owner.kill("SIGKILL")
  for (const victim of victims.splice(0)) victim.kill("SIGKILL")
  for (const noOp of strays.splice(0)) if (isAlive(noOp)) process.kill(noOp, "SIGKILL")
  for (const reaper of reapers.splice(0)) reaper.release()
  await until("the end of the reapers", () => reaperPids().length === 0)
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function until<Value>(what: string, look: () => Value | undefined | false): Promise<Value> {
  const deadline = performance.now() + boundMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`${what} did not come`)
    await sleep(5)
  }
}

/** The reapers of a process. Default: of this one. */
function reaperPids(owner: number = process.pid): number[] {
  return allProcesses()
    .filter(({ command }) => command.includes("kamisama-reaper"))
    .filter(({ command }) => command.endsWith(` ${owner}`))
    .map(({ pid }) => pid)
}

/** The reaper, once it ignores SIGTERM: its traps are set then. */
function untilUp(owner: number = process.pid): Promise<number> {
  return until("a reaper", () => reaperPids(owner).find((pid) => ignores(pid, 15)))
}

function isAlive(pid: number): boolean {
  return allProcesses().some((process) => process.pid === pid)
}

function ignores(pid: number, signal: number): boolean {
  try {
    const mask = /^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    return ((BigInt(`0x${mask ?? 0}`) >> BigInt(signal - 1)) & 1n) === 1n
  } catch {
    return false
  }
}

function keep(
  shell: string,
  timeoutMs = 500,
  signals = listens,
  trees?: ReaperSettings["trees"],
): Reaper {
  const reaper = keepReaper(shell, {
    plan: { timeoutMs, signals },
    trees,
    title: undefined,
  })
  reapers.push(reaper)
  return reaper
}

/** A process that ends at SIGTERM, or only at SIGKILL. */
async function victim(
  kind: "obeys" | "ignores",
  options: { readonly env?: { readonly [name: string]: string }; readonly detached?: true } = {},
): Promise<{
  readonly pid: number
  readonly ended: Promise<string | null>
}> {
  const script =
    kind === "obeys" ? "echo up; exec sleep 600" : "trap '' TERM; echo up; exec sleep 600"
  const stdio = ["ignore", "pipe", "ignore"] as const
  const child = spawn("/bin/sh", ["-c", script], { ...options, stdio: [...stdio] })
  victims.push(child)
  const ended = new Promise<string | null>((resolve) => {
    child.once("exit", (_code, signal) => resolve(signal))
  })
  await new Promise((resolve) => child.stdout.once("data", resolve))
  return { pid: child.pid ?? 0, ended }
}

describe.for(shells)("a reaper under %s", ([, shell]) => {
  test("asks the remaining processes to stop, and kills them after the timeout, no sooner", async () => {
    const reaper = keep(shell, 700)
    const [obeying, ignoring] = [await victim("obeys"), await victim("ignores")]
    reaper.add(obeying.pid)
    reaper.add(ignoring.pid)
    const letGoAt = performance.now()
    reaper.release()
    expect(await obeying.ended).toBe("SIGTERM")
    expect(await ignoring.ended).toBe("SIGKILL")
    expect(performance.now() - letGoAt).toBeGreaterThanOrEqual(690)
  })

  test("leaves a removed process alone, and ends when no process remains", async () => {
    const reaper = keep(shell, 60_000)
    const [removed, left] = [await victim("obeys"), await victim("obeys")]
    for (const { pid } of [removed, left]) reaper.add(pid)
    reaper.remove(removed.pid)
    reaper.release()
    expect(await left.ended).toBe("SIGTERM")
    await until("its end", () => reaperPids().length === 0)
    expect(isAlive(removed.pid)).toBe(true)
  })

  test("does not mistake a process id for one that begins or ends like it", async () => {
    const reaper = keep(shell, 60_000)
    const { pid, ended } = await victim("obeys")
    reaper.add(pid)
    for (const other of [`${pid}1`, `1${pid}`, `${pid}`.slice(1), `${pid}`.slice(0, -1), ""]) {
      reaper.remove(Number(other))
    }
    reaper.release()
    expect(await ended).toBe("SIGTERM")
  })

  test("only kills if the workers do not listen to SIGTERM", async () => {
    const reaper = keep(shell, 300, {})
    const { pid, ended } = await victim("obeys")
    reaper.add(pid)
    reaper.release()
    expect(await ended).toBe("SIGKILL")
  })

  test("survives every signal that can reach a whole tree or group", async () => {
    const reaper = keep(shell)
    const { pid, ended } = await victim("obeys")
    reaper.add(pid)
    const before = await untilUp()
    for (const signal of [
      ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const),
      ...(["SIGPIPE", "SIGALRM", "SIGTSTP", "SIGTTIN", "SIGTTOU"] as const),
    ]) {
      process.kill(before, signal)
    }
    expect(reaperPids()).toEqual([before])
    reaper.release()
    expect(await ended).toBe("SIGTERM")
  })

  test("waits for the timeout even if the user's PATH leads nowhere", async () => {
    vi.stubEnv("PATH", "/nowhere")
    const reaper = keep(shell, 400)
    vi.unstubAllEnvs()
    const { pid, ended } = await victim("ignores")
    reaper.add(pid)
    const letGoAt = performance.now()
    reaper.release()
    expect(await ended).toBe("SIGKILL")
    expect(performance.now() - letGoAt).toBeGreaterThanOrEqual(390)
  })

  test("ends at once if there is no process", async () => {
    keep(shell, 60_000).release()
    await until("its end", () => reaperPids().length === 0)
  })

  test("ends what the workers have left, after them, and nothing else", async () => {
    const mark = "kamisama/test/"
    const env = {
      PATH: "/usr/bin:/bin",
      BEFORE: "a line\nand one more",
      KAMISAMA_TREE: `${mark}7/`,
    }
    const [worker, left, stubborn] = [
      await victim("obeys", { env }),
      await victim("obeys", { env }),
      await victim("ignores", { env }),
    ]
    const known = await victim("obeys")
    const [detached, other, stranger] = [
      await victim("obeys", { env, detached: true }),
      await victim("obeys", { env: { ...env, KAMISAMA_TREE: "kamisama/tes/7/" } }),
      await victim("obeys"),
    ]
    const identity = await until("its identity", () => listedProcess(known.pid)?.identity)
    const trees = { own, mark, graceMs: 300, known: () => [`${stranger.pid}:1`] }
    const reaper = keep(shell, 60_000, listens, trees)
    reaper.add(worker.pid)
    await untilUp()
    reaper.note([identity])
    reaper.release()
    expect(await worker.ended).toBe("SIGTERM")
    expect(await left.ended).toBe("SIGTERM")
    expect(await known.ended).toBe("SIGTERM")
    expect(await stubborn.ended).toBe("SIGKILL")
    await until("its end", () => reaperPids().length === 0)
    expect([detached, other, stranger].map(({ pid }) => isAlive(pid))).toEqual([true, true, true])
  })

  test("kills a worker that hangs with all that is below it, and asks what others have left", async () => {
    const mark = "kamisama/test/"
    const env = { PATH: "/usr/bin:/bin", KAMISAMA_TREE: `${mark}7/` }
    const script = `trap '' TERM; sh -c "trap 'exit 3' TERM; sleep 600 & wait" & echo $!; wait`
    const hangs = spawn("/bin/sh", ["-c", script], { env, stdio: ["ignore", "pipe", "ignore"] })
    victims.push(hangs)
    const below = Number(await new Promise<Buffer>((resolve) => hangs.stdout.once("data", resolve)))
    strays.push(below)
    const left = await victim("obeys", { env })
    const reaper = keep(shell, 300, listens, { own, mark, graceMs: 60_000, known: () => [] })
    reaper.add(hangs.pid ?? 0)
    await untilUp()
    reaper.release()
    expect(await left.ended).toBe("SIGTERM")
    await until("its end", () => reaperPids().length === 0)
    expect(isAlive(below)).toBe(false)
    expect(hangs.signalCode).toBe("SIGKILL")
  })

  test("ends a hundred processes", async () => {
    const reaper = keep(shell, 60_000)
    const all = await Promise.all(Array.from({ length: 100 }, () => victim("obeys")))
    for (const { pid } of all) reaper.add(pid)
    reaper.release()
    const signals = await Promise.all(all.map(({ ended }) => ended))
    expect(new Set(signals)).toEqual(new Set(["SIGTERM"]))
  })
})

describe("a reaper that dies before its primary", () => {
  test("is replaced by one that knows the workers, at once at first and then once a second", async () => {
    const reaper = keep("/bin/sh")
    const { pid, ended } = await victim("obeys")
    reaper.add(pid)
    const startedAt: number[] = []
    for (let deaths = 0; deaths < 3; deaths += 1) {
      const before = await untilUp()
      process.kill(before, "SIGKILL")
      await until("its end, seen by its parent", () => !existsSync(`/proc/${before}`))
      // The first replacement is started in the turn that sees the end, later ones by a timer.
      expect(reaperPids()).toHaveLength(deaths === 0 ? 1 : 0)
      await until("another", () => reaperPids().length === 1)
      startedAt.push(performance.now())
    }
    const [first = 0, second = 0, third = 0] = startedAt
    // A start may be seen late, by the pause between two looks.
    expect(second - first).toBeGreaterThan(500)
    expect(third - second).toBeGreaterThan(500)
    reaper.release()
    expect(await ended).toBe("SIGTERM")
  })

  test("is replaced at its release if processes remain", async () => {
    const reaper = keep("/bin/sh")
    const { pid, ended } = await victim("obeys")
    reaper.add(pid)
    const first = await untilUp()
    process.kill(first, "SIGKILL")
    const second = await until("another", () => reaperPids().find((another) => another !== first))
    process.kill(second, "SIGKILL")
    await until("its end, seen by its parent", () => !existsSync(`/proc/${second}`))
    reaper.release()
    expect(await ended).toBe("SIGTERM")
  })
})

test("a reaper that cannot start is no error", async () => {
  const reaper = keep("/nowhere/sh")
  reaper.add(process.pid)
  await sleep(0)
  reaper.remove(process.pid)
  reaper.release()
})

describe("a process that keeps a reaper", () => {
  const source = new URL("../../../src/platform/node/reaper.ts", import.meta.url).href

  /** Runs a script that keeps a reaper. Waits for its first line. */
  async function owner(script: string, limit = ""): Promise<ChildProcess & { line: string }> {
    const program = `
      import { keepReaper } from ${JSON.stringify(source)}
      import { spawn } from "node:child_process"
      import { closeSync, openSync } from "node:fs"
      const keep = (timeoutMs) => keepReaper("/bin/sh", { plan: { timeoutMs, signals: { SIGTERM: "stop" } } })
      ${script}`
    const command = [process.execPath, "--input-type=module", "-e", program]
    const child = spawn("/bin/sh", ["-c", `${limit} exec "$@"`, "sh", ...command], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    owners.push(child)
    const line = await new Promise<string>((resolve) => {
      child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()))
    })
    return Object.assign(child, { line })
  }

  test("is not kept alive by the reaper", async () => {
    const child = await owner(`keep(60_000); console.log("up")`)
    await until("its exit", () => child.exitCode === 0)
    await until("the reaper's end", () => reaperPids(child.pid).length === 0)
  })

  test("is survived by no worker if it is killed in the turn after its forks, even if workers inherited its files", async () => {
    const child = await owner(`
      const reaper = keep(400)
      const busy = Array.from({ length: 2 }, () => {
        const { pid } = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); for (;;);"], {
          stdio: ["ignore", "ignore", "ignore", "ipc"],
        })
        reaper.add(pid)
        return pid
      })
      console.log(busy.join(" "))
      setImmediate(() => process.kill(process.pid, "SIGKILL"))`)
    const busy = child.line.split(" ").map(Number)
    strays.push(...busy)
    expect(busy).toHaveLength(2)
    await until("the workers' end", () => !busy.some(isAlive))
    await until("the reaper's end", () => reaperPids(child.pid).length === 0)
  })

  test("gets a reaper once it has free file descriptors again", async () => {
    const child = await owner(
      `
      const files = []
      try { for (;;) files.push(openSync("/dev/null")) } catch {}
      const reaper = keep(60_000)
      setTimeout(() => {
        for (const file of files) closeSync(file)
        const { pid } = spawn("sleep", ["600"], { stdio: "ignore" })
        reaper.add(pid)
        console.log(pid)
        setInterval(() => undefined, 1_000)
      }, 50)`,
      "ulimit -n 128;",
    )
    const pid = Number(child.line)
    strays.push(pid)
    await untilUp(child.pid)
    child.kill("SIGKILL")
    await until("the worker's end", () => !isAlive(pid))
  })
})
