/**
 * Draws the sequence of faults, as a pure function of the seed. It defines the kinds of faults and how often each comes;
 * inflict.ts inflicts them.
 */
import { Random } from "../src/proof/simulate/random.ts"

/** A kind of fault. */
interface Kind {
  /** How often it is drawn, compared with the others. */
  readonly weight: number
  /** Whether it ends the life of the pool, so that the next one begins. */
  readonly endsLife?: true
}

const kindsByName = {
  /** A worker calls `process.exit(1)`. */
  exit: { weight: 12 },
  /** A worker throws an error that nothing catches. */
  throw: { weight: 12 },
  /** A worker gets SIGKILL, even while it boots. */
  kill: { weight: 12 },
  /** A worker gets SIGSEGV, even while it boots. */
  segfault: { weight: 8 },
  /** A worker enters an endless loop. */
  hang: { weight: 3 },
  /** A worker gets SIGSTOP, and SIGCONT before it misses its heartbeat. */
  "suspend briefly": { weight: 8 },
  /** A worker gets SIGSTOP, and SIGCONT long after it has missed its heartbeat. */
  suspend: { weight: 3 },
  /** A worker gets SIGTERM, even while it boots. */
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
  /** The whole process group gets SIGINT, as from Ctrl+C. */
  interrupt: { weight: 0.8, endsLife: true },
  /** The primary gets SIGKILL. If `which` is even, a worker hangs by then, which only the reaper can end. */
  "kill primary": { weight: 0.8, endsLife: true },
} as const satisfies { readonly [name: string]: Kind }

export type FaultKind = keyof typeof kindsByName

export const faultKinds = Object.keys(kindsByName) as readonly FaultKind[]

/** How a new version is broken. */
const breakages = ["throws", "dies", "never ready"] as const

type Breakage = (typeof breakages)[number]

export interface Fault {
  /** How long after the previous fault, in ms. */
  readonly afterMs: number
  readonly kind: FaultKind
  /** The index of the worker, from 0: taken modulo the number of workers when the fault is inflicted. */
  readonly which: number
  /** How long it lasts, in ms, if it lasts; or the time between its two signals. */
  readonly forMs: number
  /** The target of `scale`. */
  readonly target: number
  /** How the version of `reload broken` is broken. */
  readonly breakage: Breakage
}

/** The longest pause between two faults, in ms. */
const longestPauseMs = 320

/** Weights are multiples of one in this many parts. */
const parts = 10

/** How long a fault lasts, in ms: at least the first figure, and less than the second. */
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
 * The endless sequence of faults of a seed. All properties of a fault are drawn, whatever its kind, so that another choice
 * of kinds leaves the pauses unchanged.
 *
 * @param workers the number of workers around which the target is scaled.
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

/** The faults of the given time, if lives began and ended without delay. */
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
