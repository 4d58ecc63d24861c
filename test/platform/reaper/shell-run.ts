/**
 * Runs the script of the reaper in a real shell, on simulated machines, and holds each of its calls against what is decided.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { decidedCalls } from "./decided-run.ts"
import { keepFiles } from "./files.ts"
import { scenarioOf } from "./scenario.ts"
import { environmentOf, filesOf, programOf } from "./shell-program.ts"
import type { World } from "./world.ts"

/** What the script does otherwise than decided. */
export interface Difference {
  readonly seed: number
  /** What both have called before. */
  readonly before: readonly string[]
  readonly decided: string
  readonly called: string
}

/** The script is silent for so long only if it hangs. */
const longestMs = 60_000

/** The first difference in the scenarios of these seeds; undefined if there is none. */
export async function firstDifference(
  shell: string,
  script: string,
  seeds: readonly number[],
): Promise<Difference | undefined> {
  const memory = "/dev/shm"
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "kamisama-machine-"))
  try {
    keepFiles(folder).show(programOf(seeds))
    return await compared(folder, shell, script, seeds)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function compared(
  folder: string,
  shell: string,
  script: string,
  seeds: readonly number[],
): Promise<Difference | undefined> {
  const child = spawn(shell, [join(folder, "program")], {
    // Under this name, it behaves as a POSIX shell.
    argv0: "sh",
    env: environmentOf(folder, script),
    // It is the leader of a group, so that it can be ended with the reaper below it.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  })
  const [, , errors, asked, answers] = child.stdio as [
    null,
    null,
    Readable,
    Readable,
    Writable,
    ...unknown[],
  ]
  const files = keepFiles(folder)
  const waiting = [...seeds]
  let seed = -1
  let world: World | undefined
  let decided: readonly string[] = []
  let calls: string[] = []
  let difference: Difference | undefined

  /** Takes a call, and returns the answer. */
  function take(call: string): boolean {
    if (call === "begin") {
      seed = waiting.shift() ?? -1
      ;({ world } = scenarioOf(seed))
      decided = decidedCalls(seed)
      calls = []
      files.show(filesOf(world))
      return true
    }
    const expected = decided[calls.length] ?? "nothing"
    if (call !== expected) return differ(expected, call)
    calls.push(call)
    if (world === undefined || call === "exit") return true
    const succeeds = world.call(call)
    files.show(filesOf(world))
    return succeeds
  }

  function differ(expected: string, called: string): false {
    difference ??= { seed, before: calls, decided: expected, called }
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    return false
  }

  const hangs = (): false => differ(decided[calls.length] ?? "nothing", "nothing: it hangs")
  let silence = setTimeout(hangs, longestMs)
  let said = ""
  errors.on("data", (data: Buffer) => (said += data.toString()))
  // The shell may be gone.
  answers.on("error", () => undefined)
  let text = ""
  asked.on("data", (data: Buffer) => {
    clearTimeout(silence)
    silence = setTimeout(hangs, longestMs)
    const lines = (text + data.toString()).split("\n")
    text = lines.pop() ?? ""
    for (const line of lines) {
      if (difference === undefined) answers.write(take(line) ? "0\n" : "1\n")
    }
  })
  await new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", resolve)
  })
  clearTimeout(silence)
  const isOver = waiting.length === 0 && calls.length === decided.length && said === ""
  if (difference !== undefined || isOver) return difference
  return { seed, before: calls, decided: "nothing else", called: `it ends, and says: ${said}` }
}
