/**
 * A test of your own `run` and `shutdown`: the same options on a simulated operating system, without a process and without
 * waiting.
 */
import kamisama, { type KamisamaOptions } from "kamisama"
import { fakePlatform } from "kamisama/fake"
import { expect, test } from "vitest"

/** The options of the program under test. Its entry script imports them too. */
function options(events: string[]): KamisamaOptions {
  return {
    workers: 2,
    timeout: 5_000,
    run: (id) => void events.push(`run ${id}`),
    shutdown: (id, signal) => void events.push(`shutdown ${id} from ${signal}`),
  }
}

test("every worker shuts down once, however often you press Ctrl-C", async () => {
  const os = fakePlatform()
  const events: string[] = []
  kamisama({ ...options(events), platform: os })
  await os.advance(1_000)
  expect(events).toEqual(["run 1", "run 2"])

  os.signalGroup("SIGINT")
  os.signalGroup("SIGINT")
  await os.advance(1_000)
  expect(events.slice(2).sort()).toEqual(["shutdown 1 from SIGINT", "shutdown 2 from SIGINT"])
  expect(os.exitCode).toBe(0)
})

test("a crash loop of two workers ends after 16 respawns", async () => {
  const os = fakePlatform()
  const run = (): never => {
    throw new Error("no database")
  }
  kamisama({ ...options([]), run, backoff: false, platform: os })
  await os.advance(60_000)
  expect(os.exitCode).toBe(1)
  expect(os.errors.join("\n")).toContain(
    "giving up: 17 restarts needed within 60 s (respawnLimit 16)",
  )
})
