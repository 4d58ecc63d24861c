/** A reload loses no request, and broken code never replaces workers that serve. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, onTestFinished } from "vitest"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, test } from "./harness/program.ts"
import type { Runtime } from "./harness/runtimes.ts"

type Start = (script: string, options: { runtime: Runtime; args: string[] }) => Program

interface Served {
  readonly program: Program
  readonly port: number
  /** Writes the version that workers load from now on. */
  deploy(version: string): void
}

async function serve(
  start: Start,
  {
    runtime = "node24",
    scheduling = "round-robin",
    minReadyMs = 0,
  }: { runtime?: Runtime; scheduling?: string; minReadyMs?: number } = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-reload-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, "version")
  const deploy = (name: string): void => writeFileSync(file, name)
  deploy("old")
  const port = await freePort()
  const program = start(fixture("reloading.ts"), {
    runtime,
    args: [scheduling, String(port), file, String(minReadyMs)],
  })
  await program.untilPrinted("ready")
  return { program, port, deploy }
}

/** What a server says to a number of connections. */
async function answersOf(port: number): Promise<ReadonlySet<string>> {
  const ask = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: "close" } })
    return response.text()
  }
  return new Set(await Promise.all(Array.from({ length: 12 }, ask)))
}

/** How often all workers are replaced under load. The promise is made of 20 times. */
const reloads = Number(process.env["KAMISAMA_TEST_RELOADS"] ?? 3)

const cases = (["node22", "node24", "node26"] as const).flatMap((runtime) =>
  (["round-robin", "os"] as const).map((scheduling) => ({ runtime, scheduling })),
)

describe.for(cases)("on $runtime with $scheduling", ({ runtime, scheduling }) => {
  test("reloads of all workers lose no request, whatever the clients do", async ({ start }) => {
    const { program, port, deploy } = await serve(start, { runtime, scheduling })
    const loads = [
      startLoad({ port, clients: 6, keepAlive: false, pauseMs: 20 }),
      startLoad({ port, clients: 6, keepAlive: true, pauseMs: 20 }),
    ]
    deploy("new")
    for (let count = 1; count <= reloads; count += 1) {
      program.signal("SIGHUP")
      await program.untilPrinted("reload finished", count)
    }
    const reports = await Promise.all(loads.map((load) => load.end()))
    expect(reports.flatMap(({ lost }) => lost)).toEqual([])
    for (const { answered, refused, reset } of reports) {
      expect({ refused, reset }).toEqual({ refused: 0, reset: 0 })
      expect(answered).toBeGreaterThan(50)
    }
    expect(await answersOf(port)).toEqual(new Set(["new"]))
    expect(program.commands("fork-worker")).toBe(4 + 4 * reloads)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})

describe("a reload of broken code keeps the old workers", () => {
  test.for([
    ["throws", /worker 1 \(#5\) exited during the reload/],
    ["never ready", /worker 1 \(#5\) was not ready in time/],
    ["dies", /worker 1 \(#5\) exited during the reload/],
  ] as const)("and reports why it was aborted: %s", async ([version, reason], { start }) => {
    const { program, port, deploy } = await serve(start, { minReadyMs: 500 })
    const before = program.workerPids()
    deploy(version)
    program.signal("SIGHUP")
    const [line = ""] = await program.untilPrinted("reload aborted")
    expect(line).toMatch(reason)
    await program.until("its end", () => program.workerPids().length === 4)
    expect(program.workerPids()).toEqual(before)
    expect(program.commands("stop-worker")).toBe(0)
    expect(await answersOf(port)).toEqual(new Set(["old"]))
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})
