/**
 * What happens to this pool if the database is down for five minutes? Run it with Node 22.18 or later:
 * `node examples/rehearsal.ts`.
 */
import { rehearse } from "kamisama/fake"

const options = { workers: 4, respawnLimit: 100, backoff: { min: 200, max: 10_000 } }

// From minute 1 to minute 6 every worker crashes 2 s after its `run` begins.
const outage = { from: 60_000, until: 360_000, crashAfter: 2_000 }

const { runs, gaveUp, respawns, leastReady, recovered, recoveredAfter } = rehearse(options, outage)

console.log(`${gaveUp} of ${runs} runs gave up`)
console.log(`${respawns.least} to ${respawns.most} respawns`)
console.log(`${leastReady.least} workers were ready at the worst moment`)
if (recoveredAfter) {
  console.log(`${recovered} runs recovered, at most ${recoveredAfter.most} ms after the outage`)
}
