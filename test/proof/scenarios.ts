/**
 * The plans that are simulated: some of those that are searched through, with more workers to scale to, others in which
 * what one policy is about happens often, and those with the figures of real pools, which no search comes to the end of.
 */
import { type Proof, proof, quick } from "./plans.ts"

/** To each moment at which something is due, and the least step beside it. */
const timeSteps: Proof["bounds"]["timeSteps"] = [1, "deadline"]

/** Those that none of the others is about, with whatever may happen to a pool. */
const widened = [
  "every timeout is on",
  "failures are retried and echoes waited for longer than anything else",
  "deadlines are reached late, or after a stall",
  "one worker is the leader, and code 0 is final",
  "code 0 is final",
  "the primary does not wait, and deadlines are reached late",
  "the program is reloaded, and slots are scaled",
].map((name): Proof => {
  const { plan: narrow, bounds } = quickProof(name)
  const signals = { ...narrow.signals, SIGHUP: "reload", SIGUSR2: "stop" } as const
  const plan = { ...narrow, signals }
  const mostWorkers = plan.workers + 2
  const everything = { mostWorkers, reloads: true, recycles: true, elects: true, timeSteps }
  return { name, plan, bounds: { ...bounds, ...everything } }
})

/** As they are searched through: each needs several things to happen in a certain order. */
const narrow = [
  "half of four fail, and that is no incident",
  "correlated failures are reported as one, workers are killed",
  "workers get old, each at another age",
  "workers send heartbeats, and code 0 is final",
  "workers send heartbeats, and deadlines are reached late, or after a stall",
  "workers are recycled, and the program is reloaded",
  "the program is reloaded, and deadlines are reached late",
  "a replacement hangs on probation, and one worker is the leader",
].map((name): Proof => {
  const { plan, bounds } = quickProof(name)
  return { name: `only this: ${name}`, plan, bounds: { ...bounds, timeSteps } }
})

function quickProof(wanted: string): Proof {
  const found = quick.find(({ name }) => name === wanted)
  if (found === undefined) throw new Error(`simulate: no quick proof is named so: ${wanted}`)
  return found
}

/** Nothing ends them early. */
const lasting = { timeout: 9, startTimeout: false, backoff: false, respawnLimit: Infinity } as const

/** Everything is told of that may be. */
const telling = { incidentMs: 9 } as const

/** A signal that is there to be ignored. */
const signals = { SIGHUP: "reload", SIGTERM: "stop", SIGWINCH: "ignore" } as const

/** One policy each, with figures that let it come to a decision often. */
const dense: readonly Proof[] = [
  proof(
    "two send heartbeats, and deadlines are reached far too late",
    { ...lasting, heartbeatTimeout: 4 },
    { scales: false, latenessMs: 9, timeSteps: [1, 4, "deadline"] },
    { ...telling, stallMs: 2 },
  ),
  proof(
    "two send heartbeats, and one of them is the leader",
    { ...lasting, heartbeatTimeout: 3 },
    { scales: false, elects: true, timeSteps },
    { ...telling, stallMs: 1 },
  ),
  proof(
    "two get too old or take too much",
    { ...lasting, recycle: { maxAge: 8, maxMemory: 1 } },
    { scales: false, timeSteps },
    telling,
  ),
  proof(
    "one takes too much",
    { ...lasting, workers: 1, recycle: { maxMemory: 1 } },
    { scales: false, timeSteps },
  ),
  proof(
    "three fail together, after a long time or a short one",
    { ...lasting, startTimeout: 4, workers: 3 },
    { timeSteps: [1, 20, "deadline"] },
    telling,
  ),
  proof(
    "two fail together, after a long time or a short one",
    { ...lasting, startTimeout: 4 },
    { scales: false, timeSteps: [1, 20, "deadline"] },
    { incidentMs: 20 },
  ),
  proof(
    "two are respawned ever later, until they are stable",
    { ...lasting, backoff: { min: 1, max: 8 } },
    { scales: false, timeSteps },
    { ...telling, groupSignalWindowMs: 3, stablePeriodMs: 2 },
  ),
  proof(
    "one is replaced again and again, and code 0 is final",
    { ...lasting, signals, workers: 1, respawn: "on-failure", reload: { minReadyTime: 9 } },
    { reloads: true, recycles: true, elects: true, scales: false, timeSteps },
  ),
  proof(
    "one sends heartbeats on probation",
    { ...lasting, signals, workers: 1, heartbeatTimeout: 3, reload: { minReadyTime: 5 } },
    { reloads: true, elects: true, scales: false, timeSteps },
    { stallMs: 2 },
  ),
  proof(
    "replacements are on probation while slots are scaled",
    { ...lasting, signals, respawn: "on-failure", reload: { minReadyTime: 9 } },
    { reloads: true, recycles: true, elects: true, timeSteps },
  ),
  proof(
    "nothing starts, and that ends the pool, while slots are scaled",
    { ...lasting, workers: 3, startTimeout: 4, startFailure: "exit" },
    { mostWorkers: 4, timeSteps },
    telling,
  ),
  proof(
    "two of three slots are replaced at once, and slots are scaled",
    { ...lasting, signals, workers: 3, reload: { minReadyTime: 5, atOnce: 2 } },
    { reloads: true, recycles: true, elects: true, mostWorkers: 4, timeSteps },
  ),
  proof(
    "all slots are replaced at once, late, and code 0 is final",
    { ...lasting, signals, workers: 3, respawn: "on-failure", reload: { atOnce: "all" } },
    { reloads: true, recycles: true, latenessMs: 3, timeSteps },
  ),
  proof(
    "two spares wait, slots are scaled, and the program is reloaded",
    { ...lasting, signals, spares: 2, reload: { minReadyTime: 5 } },
    { reloads: true, recycles: true, elects: true, timeSteps },
  ),
  proof(
    "a spare waits, workers get old, deadlines are reached late, and code 0 is final",
    { ...lasting, signals, spares: 1, respawn: "on-failure", recycle: { maxAge: 40 } },
    { recycles: true, latenessMs: 3, timeSteps },
  ),
  proof(
    "a stop is delayed, spares wait, and everything else happens",
    { ...lasting, signals, spares: 1, stopDelay: 9, reload: { minReadyTime: 2 } },
    { reloads: true, recycles: true, elects: true, latenessMs: 2, timeSteps },
    { groupSignalWindowMs: 3 },
  ),
  proof(
    "a new primary takes over, and everything else happens",
    { ...lasting, signals: { ...signals, SIGUSR2: "upgrade" }, stopDelay: 4 },
    { upgrades: true, reloads: true, latenessMs: 2, timeSteps },
  ),
  proof(
    "a stop is delayed, and workers are respawned",
    { ...lasting, signals, stopDelay: 5, respawnLimit: 3, backoff: { min: 1, max: 4 } },
    { scales: false, timeSteps },
    { groupSignalWindowMs: 3 },
  ),
  proof(
    "one of the scaled workers is the leader, and code 0 is final",
    { ...lasting, respawn: "on-failure", respawnLimit: 0 },
    { elects: true, timeSteps },
    telling,
  ),
]

const large: readonly Proof[] = [
  proof(
    "as it is by default",
    {
      workers: 4,
      timeout: 10_000,
      startTimeout: 60_000,
      respawnLimit: 10,
      respawnInterval: 60_000,
      backoff: { min: 100, max: 30_000 },
    },
    { timeSteps: [...timeSteps, 100, 10_000] },
    {
      forkRetryMs: 1_000,
      stablePeriodMs: 60_000,
      groupSignalWindowMs: 250,
      stallMs: 2_000,
      killReportMs: 5_000,
    },
  ),
  proof(
    "no limit, and ever longer waits",
    {
      workers: 1,
      respawnLimit: Infinity,
      startTimeout: false,
      backoff: { min: 10, max: 100 },
    },
    { scales: false, timeSteps },
    { ...telling, stablePeriodMs: 5 },
  ),
]

export const scenarios: readonly Proof[] = [...widened, ...narrow, ...dense, ...large]
