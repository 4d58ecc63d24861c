/**
 * Searches a model of 20 million states, and says how much memory and time that takes: `node scripts/search-many-states.ts`. Five
 * counters go up to 28, one at a time, and recovery is promised. What is counted is what the search itself takes: the
 * states of this model are small, and a state of a pool takes a kilobyte or more. `--held 300000` is how many states are held.
 */
import { parseArgs } from "node:util"
import { explore } from "../src/proof/explore/explore.ts"
import type { Model } from "../src/proof/model/model.ts"

const most = 28
const names = [0, 1, 2, 3, 4]

type Counters = readonly number[]

const counters: Model<Counters, number> = {
  initial: names.map(() => 0),
  moves: (state) => names.filter((name) => (state[name] as number) < most),
  next: (state, move) => ({ state: state.with(move, (state[move] as number) + 1) }),
  write(state, encoder) {
    for (const count of state) encoder.write(count)
  },
  isOver: (state) => state.every((count) => count === most),
  recovery: {
    isWell: (state) => state.every((count) => count === most),
    fairMoves: (_, moves) => [...moves.keys()],
    duration: () => 1,
    bound: names.length * most,
  },
}

const { values } = parseArgs({ options: { held: { type: "string" } } })
const before = process.cpuUsage()
const result = explore(counters, {
  mostHeld: values.held === undefined ? undefined : Number(values.held),
})
const { user, system } = process.cpuUsage(before)
const seconds = (user + system) / 1_000_000
const { isProof, states, transitions, slowestRecovery } = result
const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024)
console.log(`${isProof ? "proved" : "NO PROOF"}: ${states} states, ${transitions} transitions`)
console.log(`recovery takes up to ${slowestRecovery}`)
console.log(`${Math.round(transitions / seconds)} transitions a second of processor time`)
console.log(`${megabytes} MB at most: ${Math.round((megabytes * 2 ** 20) / states)} bytes a state`)
if (!isProof || megabytes > 4_096) process.exitCode = 1
