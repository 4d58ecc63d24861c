/**
 * Tests that say what a pool does by a drawing. Vitest writes the drawing: leave the parentheses empty, run the test, and
 * read what it wrote.
 */
import kamisama from "kamisama"
import { drawTimeline, fakePlatform } from "kamisama/fake"
import { expect, test } from "vitest"

const quiet = { run: () => undefined, log: "silent" } as const

test("a worker that crashes is replaced, then later and later", async () => {
  const os = fakePlatform({ workers: [{}, { dies: { after: 100 } }] })
  kamisama({ ...quiet, workers: 2, platform: os })
  await os.advance(1_000)
  expect(drawTimeline(os.log, { mostCommands: 0 })).toMatchInlineSnapshot(`
    "ms        |0  23 134 359 693
    worker 1  |.::##############
    worker 2  |..::#.:#_.:#_.:#_
    event     |1   5    10   15

    . booting  : starting  # ready  - stopping
    x killed   _ waiting   = done
    "
  `)
})

test("a worker that does not stop is killed after its timeout", async () => {
  const os = fakePlatform({ workers: [{}, { stop: "ignore" }] })
  kamisama({ ...quiet, workers: 2, timeout: 5_000, platform: os })
  await os.advance(1_000)
  os.signal("SIGTERM")
  await os.advance(10_000)
  expect(drawTimeline(os.log)).toMatchInlineSnapshot(`
    "ms        |0  23 1_011
    worker 1  |.::##-
    worker 2  |..::#--x
    event     |1   5

    . booting  : starting  # ready  - stopping
    x killed   _ waiting   = done

        1         0 ms  started
                        → fork worker 1 (#1): one of the first 2 workers
                        → fork worker 2 (#2): one of the first 2 workers
        6     1_000 ms  received SIGTERM
                        → announce stop: the pool stops on SIGTERM
                        → stop worker 1 (#1) with SIGTERM: the pool stops on SIGTERM
                        → stop worker 2 (#2) with SIGTERM: the pool stops on SIGTERM
        8     6_000 ms  deadline reached
                        → kill worker 2 (#2): did not stop within 5 s
        9     6_001 ms  worker 2 (#2) was ended by SIGKILL
                        → finish with code 1: every worker has stopped, 1 of them with a failure
    "
  `)
})
