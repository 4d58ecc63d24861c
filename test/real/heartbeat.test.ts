/** Workers that hang are replaced in time. Workers that send heartbeats are never killed, whatever the primary does. */
import { describe } from "vitest"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, test } from "./harness/program.ts"

/** Waits for this many more heartbeats. The primary looks at them only when it would have to act otherwise. */
async function untilHeartbeats(program: Program, times: number): Promise<void> {
  const before = program.events("worker-sent-heartbeat")
  await program.until(
    `${times} heartbeats`,
    () => program.events("worker-sent-heartbeat") >= before + times,
  )
}

describe("heartbeat", () => {
  test("a worker that hangs is killed within its timeout and a second, and replaced", async ({
    start,
  }) => {
    const port = await freePort()
    const program = start(fixture("heartbeat.ts"), { args: [String(port)] })
    await program.untilPrinted("ready")
    const hungAt = Date.now()
    // It never answers.
    const controller = new AbortController()
    const request = fetch(`http://127.0.0.1:${port}/hang`, { signal: controller.signal })
    request.catch(() => undefined)
    const [line = ""] = await program.untilPrinted("killed")
    controller.abort()
    expect(line).toMatch(/no heartbeat for 1 s$/)
    const [, pid, at] = line.split(" ")
    expect(program.lines.some((other) => other.startsWith(`${pid} is ready`))).toBe(true)
    // Its last heartbeat may have come a moment before. How late the kill may be depends on how busy the machine is.
    expect(Number(at) - hungAt).toBeGreaterThan(500)
    await program.until("3 workers in all", () => program.events("worker-became-ready") === 3)
    expect(program.commands("kill-worker")).toBe(1)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("a primary that was blocked kills no worker", async ({ start }) => {
    const program = start(fixture("heartbeat.ts"), { args: [String(await freePort())] })
    await program.untilPrinted("ready")
    for (let count = 1; count <= 2; count += 1) {
      program.signal("SIGUSR2")
      await program.untilPrinted("was away", count)
      await untilHeartbeats(program, 4)
    }
    // On this runtime, no worker wakes its primary.
    for (const entry of program.log) {
      if (entry.kind !== "event" || entry.event.type !== "worker-sent-heartbeat") continue
      expect(entry.event.agoMs).toBeGreaterThan(0)
    }
    expect(program.commands("kill-worker")).toBe(0)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })

  test("a primary or a whole pool that was suspended kills no worker", async ({ start }) => {
    const program = start(fixture("heartbeat.ts"), { args: [String(await freePort())] })
    await program.untilPrinted("ready")
    const suspend = async (act: (signal: NodeJS.Signals) => void): Promise<void> => {
      act("SIGSTOP")
      const resumeAt = performance.now() + 3_000
      await program.until("three seconds", () => performance.now() > resumeAt)
      act("SIGCONT")
      await untilHeartbeats(program, 4)
    }
    await suspend((signal) => program.signal(signal))
    await suspend((signal) => program.signalGroup(signal))
    expect(program.commands("kill-worker")).toBe(0)
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  })
})
