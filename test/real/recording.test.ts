/** Recordings of pools of real processes can be replayed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { describe as describeRecording, replay } from "../../src/core/index.ts"
import { drawTimeline, type LogEntry, logOfRecording } from "../../src/fake.ts"
import { checkLog } from "../../src/proof/rules/check-log.ts"
import { expect, fixture, type Program, test } from "./harness/program.ts"

/** Ends the worker that was ready last, and waits for the one that replaces it. */
async function crashOne(program: Program): Promise<void> {
  const ready = await program.untilPrinted("ready")
  const [, , pid] = ready.at(-1)?.split(" ") ?? []
  program.signal("SIGKILL", Number(pid))
  await program.untilPrinted("ready", ready.length + 1)
}

/** The facts and the orders; the workers write into the same file when they like. */
function ofPrimary(log: readonly LogEntry[]): LogEntry[] {
  return log.filter(({ kind }) => kind === "event" || kind === "command")
}

test("replay() of a run with crashes, scaling, a reload and a stop gives the same commands", async ({
  start,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-recording-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, "recording.jsonl")
  const program = start(fixture("recording.ts"), { args: [file] })
  await program.untilPrinted("ready", 2)
  await crashOne(program)
  await crashOne(program)
  program.signal("SIGTTIN")
  await program.untilPrinted("ready 3")
  program.signal("SIGHUP")
  await program.untilPrinted("reload finished")
  program.signal("SIGTERM")
  expect((await program.untilExit()).code).toBe(0)
  await program.untilGone()

  const recording = readFileSync(file, "utf8")
  const { plan, steps, leftOut } = replay(recording)
  const replayed = steps.flatMap(({ event, commands }): LogEntry[] => [
    { kind: "event", event },
    ...commands.map((command): LogEntry => ({ kind: "command", at: event.at, command })),
  ])
  expect(replayed).toEqual(ofPrimary(program.log))
  expect(leftOut).toBe(0)
  expect(program.log).toContainEqual(expect.objectContaining({ kind: "plan", plan }))
  expect(program.commands("fork-worker")).toBe(8)

  const log = logOfRecording(recording)
  expect(checkLog(log, { slackMs: 5_000 })).toEqual([])
  const timeline = drawTimeline(log)
  expect(timeline).toMatch(/^worker 3 {2}\| +\.+:+#[^_]*-+$/m)
  expect(timeline).toContain("→ announce reload finished: every worker runs the new code")
  const transcript = describeRecording(recording)
  expect(transcript).toMatch(
    /^\d+ events from 20\d\d-[^ ]+Z on\nbefore: starting, 2 workers desired\n {6}0 ms {2}started\n/,
  )
  expect(transcript).toContain("was ended by SIGKILL\n            → fork worker")
  expect(transcript).toMatch(/→ finish with code 0: every worker has stopped\n$/)

  const refusal = "Error: pool.recording: works only in the primary, this is a worker\\. Guard .+"
  const runs = program.lines.filter((line) => line.startsWith("run"))
  expect(runs).toHaveLength(8)
  for (const line of runs) expect(line).toMatch(new RegExp(`^run [123] ${refusal}$`))
})
