/**
 * Every promise on every runtime. What is known not to work is expected to fail, for as long as it does.
 */
import { describe } from "vitest"
import { expect, test } from "../real/harness/program.ts"
import { runtimes } from "../real/harness/runtimes.ts"
import { exceptions } from "./exceptions.ts"
import { promises } from "./promises.ts"

describe.concurrent.for(runtimes)("%s", (runtime) => {
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
      expect(works, `it works now: take it off the list of exceptions`).toBe(false)
    })
  }
})

test("each exception names a promise", () => {
  for (const { promise } of exceptions) expect(Object.keys(promises)).toContain(promise)
})
