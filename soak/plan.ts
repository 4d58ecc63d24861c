/**
 * Which faults there are, how often each comes, and in which sequence: a pure function of the seed. How a fault is
 * inflicted is decided in inflict.ts.
 */
import { Random } from "../src/proof/simulate/random.ts"

/** What a kind of fault is, how often it is drawn beside the others, and what it says to the pool. */
interface Kind {
  readonly weight: number
  /** Whether it ends the life of the pool, so that the next one begins. */
  readonly endsLife?: true
}

const kindsByName = {
  /** A worker calls `process.exit(1)`. */
  exit: { weight: 12 },
  /** A worker throws where nobody catches it. */
  throw: { weight: 12 },
  /** A worker gets SIGKILL, be it still booting. */
  kill: { weight: 12 },
  /** A worker gets SIGSEGV, be it still booting. */
  segfault: { weight: 8 },
  /** A worker falls into an endless loop. */
  hang: { weight: 3 },
  /** A worker gets SIGSTOP, and SIGCONT before its heartbeat is missed. */
  "suspend briefly": { weight: 8 },
  /** A worker gets SIGSTOP, and SIGCONT long after its heartbeat is missed. */
  suspend: { weight: 3 },
  /** A worker gets SIGTERM, be it still booting. */
  terminate: { weight: 9 },
  /** A worker calls `context.recycle()`. */
  recycle: { weight: 8 },
  /** The primary gets SIGTTIN. */
  "scale up": { weight: 6 },
  /** The primary gets SIGTTOU. */
  "scale down": { weight: 6 },
  /** The primary calls `scale()`. */
  scale: { weight: 5 },
  /** The primary gets SIGHUP, which is mapped to a reload. */
  reload: { weight: 5 },
  /** The same with a new version that is broken. */
  "reload broken": { weight: 3 },
  /** The primary gets SIGSTOP and, up to some seconds later, SIGCONT. */
  "suspend primary": { weight: 2 },
  /** The primary gets SIGTERM. */
  stop: { weight: 0.8, endsLife: true },
  /** The primary gets SIGTERM twice, milliseconds apart. */
  "stop twice": { weight: 0.8, endsLife: true },
  /** The whole process group gets SIGINT, as by Ctrl+C. */
  interrupt: { weight: 0.8, endsLife: true },
  /** The primary gets SIGKILL; where `which` is even, a worker hangs by then, which only the reaper can end. */
  "kill primary": { weight: 0.8, endsLife: true },
} as const satisfies { readonly [name: string]: Kind }

export type FaultKind = keyof typeof kindsByName

export const faultKinds = Object.keys(kindsByName) as readonly FaultKind[]

/** How a new version is broken. */
const breakages = ["throws", "dies", "never ready"] as const

type Breakage = (typeof breakages)[number]

export interface Fault {
  /** How long after the one before, in ms. */
  readonly afterMs: number
  readonly kind: FaultKind
  /** Which of the workers, from 0: the number modulo how many there are when it is inflicted. */
  readonly which: number
  /** How long it lasts, in ms, where it is one that lasts; between the signals, where it is two. */
  readonly forMs: number
  /** The target of `scale`. */
  readonly target: number
  /** How the version of `reload broken` is broken. */
  readonly breakage: Breakage
}

/** The longest pause between two faults. */
const longestPauseMs = 320

/** Weights are drawn in parts of this. */
const parts = 10

/** From and below which time a fault lasts, in ms. */
const lasting: { readonly [kind in FaultKind]?: readonly [number, number] } = {
  "suspend briefly": [50, 600],
  suspend: [5_000, 7_000],
  "suspend primary": [50, 2_500],
  "stop twice": [0, 30],
}

/** Whether a fault ends the life of the pool. */
export function endsLife(kind: FaultKind): boolean {
  return "endsLife" in kindsByName[kind]
}

/**
 * The faults of a seed, without end. Each has all of its properties drawn, whatever its kind, so that another choice of
 * kinds leaves the pauses as they were.
 *
 * @param workers around how many workers the target is scaled.
 */
export function* faultsOf(seed: number, workers: number): Generator<Fault, never> {
  const random = new Random(seed)
  const drawn = faultKinds.flatMap((kind) =>
    Array.from({ length: kindsByName[kind].weight * parts }, () => kind),
  )
  for (;;) {
    const afterMs = random.below(longestPauseMs)
    const kind = drawn[random.below(drawn.length)] as FaultKind
    const [shortest, longest] = lasting[kind] ?? [0, 1]
    yield {
      afterMs,
      kind,
      which: random.below(1_000),
      forMs: shortest + random.below(longest - shortest),
      target: 1 + random.below(2 * workers - 1),
      breakage: breakages[random.below(breakages.length)] as Breakage,
    }
  }
}

/** The faults that there is time for, if no life took time to begin and to end. */
export function faultsWithin(seed: number, workers: number, ms: number): Fault[] {
  const faults: Fault[] = []
  let at = 0
  for (const fault of faultsOf(seed, workers)) {
    at += fault.afterMs
    if (at >= ms) break
    faults.push(fault)
  }
  return faults
}

/** A fault in one line. */
export function describeFault({ afterMs, kind, which, forMs, target, breakage }: Fault): string {
  const details = [
    `+${String(afterMs).padStart(3)} ms ${kind}`,
    actsOnWorker(kind) ? `worker ${which}` : "",
    kind in lasting ? `${forMs} ms` : "",
    kind === "scale" ? `to ${target}` : "",
    kind === "reload broken" ? breakage : "",
  ]
  return details.filter((detail) => detail !== "").join(", ")
}

const ofWorkers: readonly FaultKind[] = [
  "exit",
  "throw",
  "kill",
  "segfault",
  "hang",
  "suspend briefly",
  "suspend",
  "terminate",
  "recycle",
]

function actsOnWorker(kind: FaultKind): boolean {
  return ofWorkers.includes(kind)
}
