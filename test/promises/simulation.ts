/** Simulates 10 000 runs of two pools and prints their results, which are the same everywhere. */
import { poolModel, simulate } from "../../src/fake.ts"

const models = [
  poolModel({ workers: 3, startTimeout: 10_000, respawn: "on-failure" }),
  poolModel({ workers: 2, respawnLimit: 4 }),
]

for (const model of models) {
  const { runs, events, trace } = simulate(model, { runs: 5_000 })
  console.log(`${runs} ${events} ${trace}`)
}
