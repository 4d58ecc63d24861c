/**
 * What may go wrong in the playground: how workers behave, and what happens to the pool. Pure data and functions of it.
 */
import type { Fact } from "../../src/core/event.ts"

/** How one process behaves. In ms. */
export interface Behavior {
  /** From the fork until it says hello. */
  readonly bootMs: number
  /** From being told to run until it is ready; Infinity: never. */
  readonly readyMs: number
  /** From being told to run until it crashes; null if it does not. */
  readonly crashMs: number | null
  /** From being told to run until its event loop is blocked for ever; null if it is not. */
  readonly hangMs: number | null
  /** From the request to stop until it exits; Infinity: it ignores that. */
  readonly stopMs: number
  /** How much more memory it uses each second, in bytes. */
  readonly leak: number
}

/** When something goes wrong, and when it is over. In ms from the start of the pool. */
export interface Times {
  readonly fromAt: number
  readonly untilAt: number
}

/** Something that may go wrong. */
export interface Outage {
  readonly name: string
  /** What it is, in a sentence. */
  readonly text: string
  /** How long it lasts unless somebody says otherwise, in ms; null if it has no length. */
  readonly usualMs: number | null
  /** How a process behaves that is told to run at a moment. @param incarnation its serial number. */
  behavior(at: number, times: Times, incarnation: number, workers: number): Partial<Behavior>
  /** What happens to the pool. */
  readonly acts?: (times: Times) => readonly { readonly at: number; readonly fact: Fact }[]
  /** What becomes of workers that run already when it begins, so long after that. */
  readonly running?: { readonly crashMs?: number; readonly hangMs?: number }
}

const healthy: Behavior = {
  bootMs: 300,
  readyMs: 100,
  crashMs: null,
  hangMs: null,
  stopMs: 200,
  leak: 0,
}

const isIn = (at: number, { fromAt, untilAt }: Times): boolean => at >= fromAt && at < untilAt
const mega = 2 ** 20

export const outages: { readonly [id: string]: Outage } = {
  none: {
    name: "nothing",
    text: "All goes well.",
    usualMs: null,
    behavior: () => ({}),
  },
  boot: {
    name: "crash loop at boot",
    text: "Every worker crashes while it starts, from the first one on: a missing variable, a port that is taken.",
    usualMs: null,
    behavior: () => ({ readyMs: Infinity, crashMs: 50 }),
  },
  database: {
    name: "database gone",
    text: "Every worker crashes 2 s after it has begun to run, as long as the database is away.",
    usualMs: 300_000,
    behavior: (at, times) => (isIn(at, times) ? { crashMs: 2_000 } : {}),
    running: { crashMs: 2_000 },
  },
  leak: {
    name: "memory leak",
    text: "Every worker uses 10 MB more each second. At 1.5 GB it is killed by the system.",
    usualMs: null,
    behavior: () => ({ leak: 10 * mega, crashMs: 150_000 }),
  },
  slow: {
    name: "slow start",
    text: "Workers that start take 20 s until they are ready, and the pool is reloaded.",
    usualMs: 120_000,
    behavior: (at, times) => (isIn(at, times) ? { readyMs: 20_000 } : {}),
    acts: ({ fromAt }) => [{ at: fromAt, fact: { type: "reload-requested" } }],
  },
  hang: {
    name: "hanging workers",
    text: "Every worker blocks its event loop for ever, 5 s after it has begun to run, and ignores that it is to stop. Without a heartbeat-timeout nobody notices: the pool takes it for ready.",
    usualMs: 120_000,
    behavior: (at, times) => (isIn(at, times) ? { hangMs: 5_000, stopMs: Infinity } : {}),
    running: { hangMs: 5_000 },
  },
  storm: {
    name: "signal storm",
    text: "Ten stop signals within a second. Every worker takes 3 s to stop.",
    usualMs: null,
    behavior: () => ({ stopMs: 3_000 }),
    acts: ({ fromAt }) =>
      Array.from({ length: 10 }, (_, index) => ({
        at: fromAt + 100 * index,
        fact: { type: "signal-received", signal: index % 2 === 0 ? "SIGTERM" : "SIGINT" },
      })),
  },
  deploy: {
    name: "bad deploy",
    text: "A reload to a version that crashes 500 ms after it is ready.",
    usualMs: null,
    behavior: (_at, _times, incarnation, workers) =>
      incarnation > workers ? { crashMs: 600 } : {},
    acts: ({ fromAt }) => [{ at: fromAt, fact: { type: "reload-requested" } }],
  },
}

/** How a process behaves that is told to run at a moment. */
export function behaviorOf(
  outage: Outage,
  at: number,
  times: Times,
  incarnation: number,
  workers: number,
): Behavior {
  return { ...healthy, ...outage.behavior(at, times, incarnation, workers) }
}

/** When the outage begins: the pool has had a quiet time. */
export const beginsAt = 20_000

/** So long it is watched after that, in ms. */
const afterMs = 120_000

export function timesOf({ usualMs }: Outage, lastsMs: number): Times & { readonly endAt: number } {
  const untilAt = usualMs === null ? Infinity : beginsAt + lastsMs
  const endAt = usualMs === null ? beginsAt + 180_000 : untilAt + afterMs
  return { fromAt: beginsAt, untilAt, endAt }
}
