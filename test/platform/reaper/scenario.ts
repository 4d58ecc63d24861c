/**
 * What a reaper may be told, and the machine it is on: all from a seed.
 */
import type { Identity } from "../../../src/platform/reaper-command.ts"
import type { ReaperNews } from "../../../src/platform/reaper-keeping.ts"
import type { ReaperPlan } from "../../../src/platform/reaper-life.ts"
import type { ReaperPlace } from "../../../src/platform/reaper-search.ts"
import { Random } from "../../../src/proof/simulate/random.ts"
import { World } from "./world.ts"

export interface Scenario {
  readonly plan: ReaperPlan
  readonly place: ReaperPlace
  /** At the start. */
  readonly workers: readonly number[]
  readonly known: readonly Identity[]
  /** What it then reads. */
  readonly news: readonly ReaperNews[]
  /** The primary was killed within a line. */
  readonly half: string
}

/** So much makes the script forget what has ended, as this has. */
const many = Array.from({ length: 110 }, (): ReaperNews => {
  return { type: "processes-noted", identities: ["1:1"] }
})

const times = [0, 10, 100, 110, 300, 1_000, 2_000, 2_010, 4_000, 7_000]

/** A scenario, and its machine as it is at the end of the input. */
export function scenarioOf(seed: number): { readonly scenario: Scenario; readonly world: World } {
  const random = new Random(seed)
  const isOneIn = (count: number): boolean => random.below(count) === 0
  const some = <Value>(most: number, one: () => Value): Value[] =>
    Array.from({ length: random.below(most + 1) }, one)
  const primary = 1 + random.below(12)
  const session = isOneIn(2) ? primary : 40
  const kind = random.below(8)
  const world = new World(
    {
      hasClock: kind !== 0 && kind !== 2,
      sleepsShortly: kind !== 1 && kind !== 2,
      calm: 1 + random.below(8),
      session,
    },
    random,
  )
  const time = (): number => times[random.below(times.length)] ?? 0
  const tell = (): ReaperNews => {
    if (isOneIn(3)) {
      return { type: "processes-noted", identities: some(3, () => world.anyIdentity()) }
    }
    return { type: isOneIn(2) ? "worker-added" : "worker-removed", pid: world.anyPid() }
  }
  return {
    world,
    scenario: {
      plan: { signal: isOneIn(4) ? null : "TERM", timeoutMs: time(), graceMs: time() },
      place: { primary, session: isOneIn(8) ? null : session, since: 1_000 + random.below(4) },
      workers: some(4, () => world.anyPid()),
      known: some(2, () => world.anyIdentity()),
      news: [...some(12, tell), ...(isOneIn(5) ? many : [])],
      half: isOneIn(3) ? `+ ${world.anyPid()}` : "",
    },
  }
}
