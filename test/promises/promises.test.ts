/**
 * Checks every promise on every runtime, or on those that KAMISAMA_TEST_RUNTIMES names, such as `node24,bun`. A known exception is
 * expected to fail, and must leave the list once it works.
 */
import { describe } from "vitest"
import { expect, test } from "../real/harness/program.ts"
import { runtimes } from "../real/harness/runtimes.ts"
import { exceptions } from "./exceptions.ts"
import { promises } from "./promises.ts"

const named = process.env["KAMISAMA_TEST_RUNTIMES"]?.split(",")
const wanted = runtimes.filter((runtime) => named?.includes(runtime) ?? true)

describe.concurrent.for(wanted)("%s", (runtime) => {
  for (const [name, keep] of Object.entries(promises)) {
    const exception = exceptions.find((one) => one.runtime === runtime && one.promise === name)
    test(name, async ({ start, startPool }) => {
      const kept = keep({
        runtime,
        start: (script, options) => start(script, { ...options, runtime }),
        startPool: (settings, options) => startPool(settings, { ...options, runtime }),
      })
      if (exception === undefined) return kept
      const works = await kept.then(
        () => true,
        () => false,
      )
      expect(works, `it works now: remove it from the list of exceptions`).toBe(false)
    })
  }
})

test("each exception names a promise", () => {
  for (const { promise } of exceptions) expect(Object.keys(promises)).toContain(promise)
})
