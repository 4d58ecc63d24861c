/**
 * A test that replays an incident: the recording of a pool that gave up.
 */
import kamisama from "kamisama"
import { describe, replay } from "kamisama/core"
import { drawTimeline, fakePlatform, logOfRecording } from "kamisama/fake"
import { expect, test } from "vitest"

/**
 * The recording. In production, `pool.on("give-up", () => writeFileSync("incident.jsonl", pool.recording()))` writes it;
 * here it comes from a simulation.
 */
async function incident(): Promise<string> {
  const os = fakePlatform({ workers: [{}, { dies: { after: 400 } }] })
  const pool = kamisama({
    workers: 2,
    respawnLimit: 3,
    run: () => undefined,
    platform: os,
    log: "silent",
  })
  await os.advance(60_000)
  return pool.recording()
}

test("the pool gave up because one slot kept failing, while the other served", async () => {
  const recording = await incident()
  const { plan, steps } = replay(recording)
  const failed = steps.flatMap(({ event }) =>
    event.type === "worker-exited" && event.code !== 0 ? [event.worker.slot] : [],
  )
  expect(failed).toEqual([2, 2, 2, 2])
  expect(plan.respawnLimit).toBe(3)
  const gaveUp = steps.find(({ commands }) => commands[0]?.type === "announce-give-up")
  expect(gaveUp?.state.slots).toMatchObject([{ id: 1, worker: { phase: "ready" } }])
})

test("the recording can be read as text, and as a timeline", async () => {
  const recording = await incident()
  expect(describe(recording)).toContain(
    "→ announce giving up: more than 3 restarts within 60 s\n" +
      "            → stop worker 1 (#1) with SIGTERM: the pool gives up",
  )
  expect(drawTimeline(logOfRecording(recording), { mostCommands: 0 })).toMatchInlineSnapshot(`
    "ms        |0  23 434 959 1_593
    worker 1  |.::##############-
    worker 2  |..::#.:#_.:#_.:#_
    event     |1   5    10   15

    . booting  : starting  # ready  - stopping
    x killed   _ waiting   = done
    "
  `)
})
