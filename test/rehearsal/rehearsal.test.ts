/**
 * Rolling updates of pods in network namespaces: what deploy/rehearsal counts, and that it leaves nothing behind. Needs root, ip and haproxy;
 * where they are missing, that is said and skipped.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { test } from "vitest"
import { missing } from "../../deploy/rehearsal/missing.ts"
import type { Outcome } from "../../deploy/rehearsal/rehearse.ts"
import { allProcesses, hasVariable } from "../real/harness/processes.ts"

const script = fileURLToPath(new URL("../../deploy/rehearsal/run.ts", import.meta.url))
const lacking = missing()
if (lacking.length > 0)
  console.log(`skipped: no rehearsal of deploys without ${lacking.join(", ")}`)

/** A rehearsal that runs. */
class Rehearsal {
  readonly child: ChildProcess
  readonly #mark: string
  readonly #closed: Promise<unknown>
  #output = ""
  #progress = ""
  #heard = (): void => undefined

  constructor(...given: readonly string[]) {
    const [name, value] = ["KAMISAMA_TEST_REHEARSAL", `${process.pid}-${performance.now()}`]
    this.#mark = `${name}=${value}`
    this.child = spawn(process.execPath, [script, ...given, "--json"], {
      env: { ...process.env, [name]: value },
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.child.stdout?.on("data", (part: Buffer) => (this.#output += part.toString()))
    this.child.stderr?.on("data", (part: Buffer) => {
      this.#progress += part.toString()
      this.#heard()
    })
    this.#closed = once(this.child, "close")
  }

  /** Resolves when it says this. */
  says(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = () => {
        if (this.#progress.includes(text)) resolve()
      }
      this.#heard()
    })
  }

  /** Resolves when it has ended, with the exit code and what it has counted. */
  async ended(): Promise<{
    readonly code: number | null
    readonly outcomes: readonly Outcome[]
    readonly progress: string
  }> {
    await this.#closed
    const outcomes = this.#output === "" ? [] : (JSON.parse(this.#output) as readonly Outcome[])
    return { code: this.child.exitCode, outcomes, progress: this.#progress }
  }

  /** What is left of it. */
  left(): readonly string[] {
    const interfaces = new RegExp(`^\\d+: r(ehears)?${this.child.pid}\\D`)
    const processes = allProcesses().filter(({ pid }) => hasVariable(pid, this.#mark))
    return [
      ...processes.map(({ command }) => command),
      ...linesOf("netns", "list").filter((line) => line.includes(`rehearsal-${this.child.pid}-`)),
      ...linesOf("-o", "link").filter((line) => interfaces.test(line)),
    ]
  }
}

function linesOf(...given: readonly string[]): readonly string[] {
  return execFileSync("ip", given, { encoding: "utf8" }).split("\n")
}

test.skipIf(lacking.length > 0)("with stopDelay, two updates lose nothing", async ({ expect }) => {
  const rehearsal = new Rehearsal("--updates", "2", "--variant", "stop-delay")
  const { code, outcomes, progress } = await rehearsal.ended()
  expect(outcomes, progress).toMatchObject([{ updates: 2, lost: [], otherwise: [], kills: 0 }])
  expect(outcomes[0]?.requests).toBeGreaterThan(500)
  expect(outcomes[0]?.promised).toBeGreaterThan(0)
  expect(code).toBe(0)
  await expect.poll(() => rehearsal.left(), { timeout: 10_000 }).toEqual([])
})

test.skipIf(lacking.length > 0)("what is lost without stopDelay is counted", async ({ expect }) => {
  const rehearsal = new Rehearsal("--updates", "1", "--variant", "kamisama")
  const { code, outcomes } = await rehearsal.ended()
  expect(outcomes[0]?.lost.length).toBeGreaterThan(0)
  expect(code).toBe(0)
  await expect.poll(() => rehearsal.left(), { timeout: 10_000 }).toEqual([])
})

test.skipIf(lacking.length > 0)(
  "a rehearsal that is stopped leaves nothing behind",
  async ({ expect }) => {
    const rehearsal = new Rehearsal("--updates", "1", "--variant", "kamisama")
    await rehearsal.says("update 1 of 1")
    expect(rehearsal.left()).not.toEqual([])
    rehearsal.child.kill("SIGTERM")
    expect(await rehearsal.ended()).toMatchObject({ code: 143, outcomes: [] })
    await expect.poll(() => rehearsal.left(), { timeout: 10_000 }).toEqual([])
  },
)
