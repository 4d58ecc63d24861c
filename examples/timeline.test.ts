/**
 * What a pool is to do, as a drawing. In a project with several such tests the first statements belong into a setup file.
 */
import kamisama from "kamisama"
import { fakePlatform, type TimelineMatchers, timelineMatchers } from "kamisama/fake"
import { expect, test } from "vitest"

expect.extend(timelineMatchers)

declare module "vitest" {
  interface Matchers<R, T> extends TimelineMatchers<R> {}
}

const quiet = { run: () => undefined, log: "silent" } as const

test("a worker that crashes is replaced, then later and later", async () => {
  const os = fakePlatform({ workers: [{}, { dies: { after: 100 } }] })
  kamisama({ ...quiet, workers: 2, platform: os })
  await os.advance(1_000)
  expect(os).toMatchTimeline(`
    worker 1  |.::##############
    worker 2  |..::#.:#_.:#_.:#_
  `)
})

test("a worker that does not stop is killed after its timeout", async () => {
  const os = fakePlatform({ workers: [{}, { stop: "ignore" }] })
  kamisama({ ...quiet, workers: 2, timeout: 5_000, platform: os })
  await os.advance(1_000)
  os.signal("SIGTERM")
  await os.advance(10_000)
  expect(os).toMatchTimeline(`
    ms        |0  23 1_011
    worker 1  |.::##-
    worker 2  |..::#--x
  `)
})
