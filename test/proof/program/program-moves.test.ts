import { expect, test } from "vitest"
import { kamisama } from "../../../src/index.ts"
import { keyOf, runProgram } from "../../../src/proof/program/run-program.ts"
import type { SimulatedProgram } from "../../../src/proof/program/program-under-test.ts"
import { Random } from "../../../src/proof/simulate/random.ts"

test("no two moves of a moment have the same name, even with two processes in one slot", async () => {
  const program: SimulatedProgram = (os) =>
    kamisama({
      workers: 2,
      log: "silent",
      platform: os,
      recycle: { maxAge: 200_000 },
      reload: { minReadyTime: 1_000 },
      run: () => undefined,
    })
  const settings = {
    program,
    globals: undefined,
    isGraceful: true,
    boundsOf: () => ({ mostWorkers: 3, without: ["stop", "primary-death"] }),
    wellWithinOf: () => 600_000,
  }
  let twoInOneSlot = 0
  for (let seed = 1; seed <= 20; seed += 1) {
    const random = new Random(seed)
    let left = 200
    await runProgram(settings, (moves, { system }) => {
      const keys = moves.map(keyOf)
      expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
      const slots = [...system.processes].map(({ worker }) => worker.slot)
      if (new Set(slots).size < slots.length) twoInOneSlot += 1
      left -= 1
      return left > 0 ? random.below(moves.length) : undefined
    })
  }
  expect(twoInOneSlot).toBeGreaterThan(20)
})
