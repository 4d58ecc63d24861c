/**
 * An incident, gone through again: what a pool wrote down when it gave up, read by a test.
 */
import kamisama from "kamisama"
import { describe, replay } from "kamisama/core"
import { drawTimeline, fakePlatform, logOfRecording } from "kamisama/fake"
import { expect, test } from "vitest"

/** What `pool.on("give-up", () => writeFileSync("incident.jsonl", pool.recording()))` has written; here of a simulation. */
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

test("its story, for people", async () => {
  const recording = await incident()
  expect(describe(recording)).toContain(
    "→ announce giving up: more than 3 respawns within 60 s\n" +
      "            → stop worker 1 (#1) with SIGTERM: the pool gives up",
  )
  expect(drawTimeline(logOfRecording(recording), { mostCommands: 0 })).toContain(
    "worker 1  |.::##############-\nworker 2  |..::#.:#_.:#_.:#_\n",
  )
})
