/**
 * How one worker is the only one.
 */
import { expect } from "vitest"
import type { KamisamaOptions } from "../../src/index.ts"
import { seconds, type Scenario } from "./scenario.ts"

/** Each worker notes when it is the only one. */
function noting(log: string[]): KamisamaOptions["run"] {
  return async (id, { incarnation, exclusive, ready }) => {
    ready()
    await exclusive()
    log.push(`worker ${id} (#${incarnation})`)
    await new Promise(() => undefined)
  }
}

const ofReload: string[] = []
const ofCrash: string[] = []

export const exclusiveScenarios: readonly Scenario[] = [
  {
    promise: "exclusive(): it resolves in one worker at a time, also during a reload",
    options: { run: noting(ofReload) },
    async play(os, pool) {
      await os.advance(seconds)
      expect(ofReload).toEqual(["worker 1 (#1)"])
      const reload = pool.reload()
      await os.advance(seconds)
      expect(await reload).toEqual({ ok: true })
      expect(ofReload).toEqual(["worker 1 (#1)", "worker 1 (#3)"])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
  {
    promise: "exclusive(): the next worker becomes the leader when the leader dies or its slot is removed",
    options: { run: noting(ofCrash) },
    async play(os) {
      await os.advance(seconds)
      os.signal("SIGTTOU")
      await os.advance(seconds)
      os.crash(2)
      await os.advance(seconds)
      expect(ofCrash).toEqual(["worker 1 (#1)", "worker 2 (#2)", "worker 2 (#3)"])
      os.signal("SIGTERM")
      await os.advance(seconds)
      expect(os.exitCode).toBe(0)
    },
  },
]
