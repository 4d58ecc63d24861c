/**
 * What a reaper may be told, and the machine it is on: all from a seed.
 */
import type { Identity } from "../../../src/platform/reaper-command.ts"
import type { ReaperEvent, ReaperPlan } from "../../../src/platform/reaper-life.ts"
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
  readonly lines: readonly string[]
  /** The primary was killed within a line. */
  readonly half: string
}

/** So many lines make the script forget what has ended, as this has. */
const many = Array.from({ length: 110 }, () => "= 1:1")

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
  const note = (): string => ["=", ...some(3, () => world.anyIdentity())].join(" ")
  const line = (): string => {
    if (isOneIn(3)) return note()
    return `${isOneIn(2) ? "+" : "-"} ${world.anyPid()}`
  }
  return {
    world,
    scenario: {
      plan: { signal: isOneIn(4) ? null : "TERM", timeoutMs: time(), graceMs: time() },
      place: { primary, session: isOneIn(8) ? null : session, since: 1_000 + random.below(4) },
      workers: some(4, () => world.anyPid()),
      known: some(2, () => world.anyIdentity()),
      lines: [...some(12, line), ...(isOneIn(5) ? many : [])],
      half: isOneIn(3) ? `+ ${world.anyPid()}` : "",
    },
  }
}

/** What a line means. */
export function eventOf(line: string): ReaperEvent {
  const [sign, ...words] = line.split(" ")
  switch (sign) {
    case "+":
      return { type: "worker-added", pid: Number(words[0]) }
    case "-":
      return { type: "worker-removed", pid: Number(words[0]) }
    default:
      return { type: "processes-noted", identities: words }
  }
}
