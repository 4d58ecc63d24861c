/**
 * The plans that are searched through, each with small figures: what matters is which moment comes before which, and
 * a millisecond is enough for that. `quick` ones are part of the tests, the deep ones of `npm run prove`.
 */
import type { PlanOptions } from "../../src/core/plan/options.ts"
import { type Plan, planFrom } from "../../src/core/plan/plan.ts"
import type { PoolBounds } from "../../src/proof/pool/pool-world.ts"

export interface Proof {
  readonly name: string
  readonly plan: Plan
  readonly bounds: PoolBounds
}

type Figures = Partial<
  Pick<
    Plan,
    | "forkRetryMs"
    | "stablePeriodMs"
    | "groupSignalWindowMs"
    | "incidentMs"
    | "stallMs"
    | "killReportMs"
    | "heartbeatGraceMs"
    | "recycleRetryMs"
    | "seed"
  >
>

/** Nobody signals the pool or its workers to stop: `stop()` does. */
const noStopSignals = {
  SIGINT: false,
  SIGTERM: false,
  SIGHUP: false,
  SIGBREAK: false,
  SIGUSR2: false,
} as const

/** One is enough where it does not matter which: a plan of its own has several. */
const oneStopSignal = { ...noStopSignals, SIGTERM: "stop" } as const

/** Everything on, and everything small. */
const small: PlanOptions = {
  signals: oneStopSignal,
  workers: 2,
  timeout: 2,
  respawnLimit: 1,
  respawnInterval: 2,
  backoff: { min: 1, max: 2 },
  startTimeout: 2,
}

const smallFigures = {
  forkRetryMs: 1,
  stablePeriodMs: 2,
  groupSignalWindowMs: 1,
  incidentMs: false,
  stallMs: 1,
  killReportMs: 1,
  reloadStartTimeoutMs: 1,
  recycleHoldMs: 1,
  requestHoldMs: 1,
  recycleRetryMs: 1,
  upgradeTimeoutMs: 2,
  heartbeatGraceMs: 0,
} as const

export function proof(
  name: string,
  options: PlanOptions,
  bounds: Partial<PoolBounds> = {},
  figures: Figures = {},
): Proof {
  const plan = planFrom({ ...small, ...options }, { cores: () => 1, seed: 1 })
  const { workers } = plan
  return {
    name,
    plan: { ...plan, ...smallFigures, ...figures },
    bounds: {
      mostWorkers: workers,
      scales: true,
      reloads: false,
      upgrades: false,
      recycles: false,
      elects: false,
      incidents: true,
      latenessMs: 0,
      timeSteps: [1],
      ...bounds,
    },
  }
}

/** As one slot has it: who is chosen among several does not matter. */
const single: PlanOptions = { workers: 1, timeout: 1, startTimeout: 1 }

/** Two slots and little else: what several slots have to do with each other. */
const few: PlanOptions = {
  timeout: 1,
  startTimeout: false,
  backoff: false,
  respawnLimit: 1,
  respawnInterval: 1,
}

const alone: PlanOptions = { ...few, workers: 1, respawnLimit: 0 }

/** By plan for its age and its memory, and after a trial. */
const replaced: PlanOptions = {
  recycle: { maxAge: 1, maxMemory: 1 },
  reload: { minReadyTime: 1 },
}

/** Every policy that one slot can have, but for a respawn policy. Two processes may be in it at a time. */
const everything: PlanOptions = {
  ...single,
  ...replaced,
  heartbeatTimeout: 1,
  backoff: { min: 1, max: 1 },
  respawnLimit: 1,
  respawnInterval: 2,
}

/** What may be asked of one slot; the number of slots is another matter. */
const anything = { reloads: true, recycles: true, elects: true, scales: false } as const

/** One slot or two, and a policy that cannot be without them. */
const growing: PlanOptions = { ...alone, signals: noStopSignals }

export const quick: readonly Proof[] = [
  proof("every timeout is on", {
    timeout: 1,
    startTimeout: 1,
    heartbeatTimeout: 1,
    backoff: { min: 1, max: 1 },
    respawnInterval: 1,
    signals: { ...oneStopSignal, SIGWINCH: "ignore" },
  }),
  proof(
    "correlated failures are reported as one, workers are killed",
    { ...few, startTimeout: 1, signals: noStopSignals },
    { scales: false },
    { incidentMs: 1 },
  ),
  proof(
    "half of four fail, and that is no incident",
    { ...few, workers: 4, respawn: "never", signals: noStopSignals },
    { scales: false },
    { incidentMs: 1 },
  ),
  proof(
    "a single worker fails, and that is no incident",
    { ...alone, respawnLimit: 1 },
    { scales: false },
    { incidentMs: 1 },
  ),
  proof(
    "correlated failures are reported as one, workers are signalled",
    { ...few, respawnLimit: 0, signals: oneStopSignal },
    { scales: false },
    { incidentMs: 1 },
  ),
  proof(
    "correlated failures are reported as one, late, and code 0 is final",
    { ...few, respawn: "on-failure", respawnLimit: 2, signals: noStopSignals },
    { scales: false, latenessMs: 2 },
    { incidentMs: 1, stallMs: 2 },
  ),
  proof(
    "failures are retried and echoes waited for longer than anything else",
    { ...single, backoff: { min: 1, max: 4 }, respawnLimit: 2, respawnInterval: 3 },
    {},
    { forkRetryMs: 3, groupSignalWindowMs: 2, stablePeriodMs: 1, killReportMs: 3 },
  ),
  proof(
    "waits are long enough for jitter, and echoes outlast a failed fork",
    { ...single, backoff: { min: 5, max: 10 }, respawnInterval: 20 },
    {},
    // Of the first wait it adds nearly all that may be added.
    { groupSignalWindowMs: 2, seed: 126 },
  ),
  proof("deadlines are reached late, or after a stall", single, { latenessMs: 3 }, { stallMs: 2 }),
  proof("two are late", { ...few, startTimeout: 1 }, { latenessMs: 1 }),
  proof(
    "workers send heartbeats, and code 0 is final",
    {
      ...few,
      workers: 1,
      heartbeatTimeout: 1,
      respawnLimit: 0,
      respawn: "on-failure",
      signals: noStopSignals,
    },
    { mostWorkers: 2 },
    { heartbeatGraceMs: 1 },
  ),
  proof(
    "workers send heartbeats, and deadlines are reached late, or after a stall",
    { ...single, heartbeatTimeout: 2, respawnLimit: 0, reload: { minReadyTime: 1 } },
    { scales: false, reloads: true, latenessMs: 2 },
    { stallMs: 2 },
  ),
  proof(
    "workers are recycled",
    { ...alone, recycle: { maxAge: 2, maxMemory: 1, maxRequests: 1 } },
    { recycles: true, scales: false },
  ),
  proof(
    "workers get old, each at another age",
    { ...alone, recycle: { maxAge: 6 } },
    { scales: false },
    // It takes nearly all off that may be taken.
    { seed: 5 },
  ),
  proof(
    "workers are recycled, and deadlines are reached late, or after a stall",
    { ...alone, recycle: { maxAge: 1, maxMemory: 1 }, reload: { minReadyTime: 1 } },
    { scales: false, latenessMs: 2 },
    { stallMs: 2 },
  ),
  proof(
    "workers are recycled, and the program is reloaded",
    { ...alone, recycle: { maxMemory: 1, maxRequests: 1 }, reload: { minReadyTime: 1 } },
    { reloads: true, scales: false },
  ),
  proof(
    "one worker is the leader, and code 0 is final",
    { ...few, respawnLimit: 0, respawn: "on-failure" },
    { elects: true },
  ),
  proof("one worker is the leader, and the program is reloaded", alone, {
    elects: true,
    reloads: true,
    scales: false,
  }),
  proof("code 0 is final", { ...few, respawn: "on-failure" }),
  proof("every exit is final", { ...few, respawn: "never" }),
  proof(
    "the primary does not wait, and deadlines are reached late",
    { ...few, waitForWorkers: false },
    { latenessMs: 1 },
    { stallMs: 2 },
  ),
  proof("no respawn is allowed", { ...few, respawnLimit: 0 }),
  proof(
    "nothing starts, and that ends the pool",
    { ...few, startFailure: "exit", signals: noStopSignals },
    {},
    { incidentMs: 1 },
  ),
  proof(
    "nothing starts, and that ends the pool, a signal ends who boots, and the program is reloaded",
    { ...alone, startTimeout: 1, startFailure: "exit" },
    { reloads: true },
  ),
  proof(
    "the program is reloaded, and slots are scaled",
    {
      ...single,
      startTimeout: false,
      heartbeatTimeout: 1,
      respawnLimit: 1,
      reload: { minReadyTime: 1 },
    },
    { reloads: true },
  ),
  proof(
    "the program is reloaded, and deadlines are reached late",
    {
      ...single,
      respawnLimit: 0,
      reload: { minReadyTime: 2 },
      signals: { ...oneStopSignal, SIGHUP: "reload" },
    },
    { reloads: true, scales: false, latenessMs: 2 },
    { stallMs: 2 },
  ),
  proof(
    "a replacement hangs on probation, and one worker is the leader",
    {
      ...alone,
      startTimeout: 1,
      heartbeatTimeout: 1,
      reload: { minReadyTime: 2 },
      signals: { ...noStopSignals, SIGWINCH: "ignore" },
    },
    { reloads: true, elects: true, scales: false },
  ),
  proof(
    "two slots are replaced at once",
    { ...few, respawnLimit: 0, reload: { atOnce: "all" }, signals: noStopSignals },
    { reloads: true, scales: false },
  ),
  proof(
    "a spare waits, and a stop signal may reach it",
    { ...alone, respawnLimit: 1, spares: 1 },
    { scales: false },
    { recycleRetryMs: 2 },
  ),
  proof(
    "a spare waits, and the program is reloaded",
    { ...alone, respawnLimit: 1, startTimeout: 1, spares: 1, signals: noStopSignals },
    { reloads: true, scales: false },
  ),
  proof(
    "a spare waits, slots are scaled, and code 0 is final",
    { ...growing, respawn: "on-failure", spares: 1 },
    { mostWorkers: 2 },
  ),
  proof(
    "a spare fails again and again, and deadlines are reached late, or after a stall",
    { ...alone, backoff: { min: 2, max: 4 }, spares: 1, signals: noStopSignals },
    { scales: false, latenessMs: 2 },
    { stallMs: 2 },
  ),
  proof(
    "two spares wait, one fails, and a stop signal reaches the other",
    { ...alone, spares: 2, backoff: { min: 1, max: 1 } },
    { scales: false },
    { forkRetryMs: 3 },
  ),
  proof(
    "two spares wait, and workers are recycled",
    { ...alone, recycle: { maxMemory: 1 }, spares: 2, signals: noStopSignals },
    { recycles: true, scales: false },
  ),
  proof(
    "several signals stop it, and another one reloads the program",
    { ...alone, signals: { SIGHUP: "reload" } },
    { reloads: true, scales: false },
  ),
  proof(
    "a stop is delayed, and a stop signal may reach a worker first",
    {
      ...alone,
      respawnLimit: 1,
      startTimeout: 1,
      heartbeatTimeout: 1,
      stopDelay: 2,
      signals: { ...oneStopSignal, SIGINT: "stop" },
    },
    { scales: false },
    { groupSignalWindowMs: 2 },
  ),
  proof(
    "a stop is delayed, the program is reloaded, and deadlines are reached late, or after a stall",
    { ...alone, stopDelay: 1, reload: { minReadyTime: 1 } },
    { scales: false, reloads: true, latenessMs: 2 },
    { stallMs: 2 },
  ),
  proof(
    "a stop is delayed, slots are scaled, and code 0 is final",
    { ...alone, respawn: "on-failure", stopDelay: 1 },
    { mostWorkers: 2 },
  ),
  proof(
    "a stop is delayed, and a spare waits",
    { ...alone, respawnLimit: 1, spares: 1, stopDelay: 1 },
    { scales: false },
    { groupSignalWindowMs: 2 },
  ),
  proof(
    "a new primary takes over, a stop is delayed, and deadlines are reached late",
    { ...alone, stopDelay: 1 },
    { scales: false, upgrades: true, latenessMs: 1 },
  ),
  proof(
    "a new primary takes over, and the program is reloaded",
    { ...alone, respawnLimit: 1, signals: { ...noStopSignals, SIGHUP: "upgrade" } },
    { scales: false, upgrades: true, reloads: true },
  ),
  proof(
    "one slot has every policy but backoff",
    { ...everything, backoff: false, respawnInterval: 1, signals: noStopSignals },
    anything,
  ),
]

/** With 2 and 3 slots, figures that are further apart, and policies together that have nothing to do with each other. */
export const deep: readonly Proof[] = [
  proof("one slot, every policy is on", everything, anything),
  proof(
    "one slot, recycled for every reason, late",
    { ...alone, ...replaced },
    { ...anything, latenessMs: 1 },
  ),
  proof(
    "one slot, recycled for every reason, no waiting, every exit is final, late",
    {
      ...alone,
      ...replaced,
      respawn: "never",
      waitForWorkers: false,
    },
    { ...anything, latenessMs: 1 },
  ),
  proof(
    "one slot, recycled for every reason, no waiting, code 0 is final",
    {
      ...alone,
      ...replaced,
      respawn: "on-failure",
      waitForWorkers: false,
      heartbeatTimeout: 1,
    },
    anything,
  ),
  proof(
    "one slot, recycled for its age, with heartbeats, every exit is final",
    {
      ...alone,
      respawn: "never",
      heartbeatTimeout: 1,
      recycle: { maxAge: 1 },
      reload: { minReadyTime: 1 },
    },
    { ...anything, recycles: false },
  ),
  proof("two slots that are scaled, the program is reloaded", growing, {
    reloads: true,
    mostWorkers: 2,
  }),
  proof(
    "two slots that are scaled, workers ask for replacement",
    { ...growing, reload: { minReadyTime: 1 } },
    { recycles: true, mostWorkers: 2 },
  ),
  proof(
    "two slots that are scaled, workers take too much",
    { ...growing, recycle: { maxMemory: 1 } },
    { mostWorkers: 2 },
  ),
  proof(
    "two slots that are scaled, workers get old",
    { ...growing, recycle: { maxAge: 1 } },
    { mostWorkers: 2 },
  ),
  proof(
    "one slot, every policy is on, and a spare waits",
    { ...everything, spares: 1, signals: noStopSignals },
    anything,
  ),
  proof("two slots, limits, waits and timeouts", {}),
  proof("two slots, far apart", { timeout: 3, respawnLimit: 2, respawnInterval: 3 }),
  proof(
    "two slots, failures and echoes",
    { timeout: 1, startTimeout: 1, respawnLimit: 2 },
    {},
    { forkRetryMs: 3, groupSignalWindowMs: 2 },
  ),
  proof("two slots, late", { timeout: 1, startTimeout: 1 }, { latenessMs: 2 }),
  proof("two slots, code 0 is final", { respawn: "on-failure" }),
  proof("two slots, every exit is final", { respawn: "never" }),
  proof("two slots, nothing starts, and that ends the pool", {
    timeout: 1,
    startTimeout: 1,
    respawn: "on-failure",
    startFailure: "exit",
  }),
  proof("two slots, no waiting", { waitForWorkers: false }),
  proof(
    "a stop is delayed, a spare waits, and workers ask for replacement",
    { ...alone, respawnLimit: 1, spares: 1, stopDelay: 1 },
    { scales: false, recycles: true },
    { groupSignalWindowMs: 2 },
  ),
  proof(
    "two slots, a new primary takes over, and code 0 is final",
    { ...few, respawn: "on-failure", signals: noStopSignals },
    { upgrades: true },
  ),
  proof(
    "two slots, a stop is delayed",
    { ...few, stopDelay: 2 },
    { scales: true },
    { groupSignalWindowMs: 2 },
  ),
  proof(
    "two slots, the program is reloaded",
    { ...few, respawnLimit: 0, reload: { minReadyTime: 1 } },
    { reloads: true, scales: false },
  ),
  proof(
    "two slots are replaced at once, after a trial",
    {
      ...few,
      respawnLimit: 0,
      waitForWorkers: false,
      reload: { minReadyTime: 1, atOnce: 2 },
      signals: noStopSignals,
    },
    { reloads: true, scales: false },
  ),
  proof(
    "two slots, the program is reloaded, code 0 is final",
    {
      ...few,
      respawnLimit: 0,
      respawn: "on-failure",
      signals: { ...oneStopSignal, SIGHUP: "reload" },
    },
    { reloads: true, scales: false },
  ),
  proof(
    "two slots, workers are recycled",
    { ...few, respawnLimit: 0 },
    { recycles: true, scales: false },
  ),
  proof(
    "two slots, reloaded and recycled, one is the leader",
    { ...few, respawnLimit: 0, signals: noStopSignals },
    { reloads: true, recycles: true, elects: true, scales: false },
  ),
  proof(
    "correlated failures are reported as one, slots are scaled, every exit is final",
    { ...few, respawn: "never", signals: noStopSignals },
    {},
    { incidentMs: 1 },
  ),
  proof(
    "three slots that are scaled",
    {
      timeout: 1,
      startTimeout: 1,
      backoff: { min: 1, max: 1 },
      signals: noStopSignals,
    },
    { mostWorkers: 3 },
  ),
  proof("three slots that are not scaled", { workers: 3 }, { scales: false }),
  proof(
    "three slots that are not scaled, late",
    { ...few, workers: 3, startTimeout: 1 },
    { scales: false, latenessMs: 2 },
  ),
  proof(
    "three slots that are not scaled, code 0 is final",
    {
      workers: 3,
      timeout: 1,
      startTimeout: 1,
      backoff: { min: 1, max: 1 },
      respawn: "on-failure",
    },
    { scales: false },
  ),
]

/** Its situations are too many for the tests; random histories of it meet those that no quick proof meets. */
export const scaledAndRecycled = proof(
  "two slots that are scaled, workers are recycled",
  {
    ...alone,
    startTimeout: 1,
    respawn: "on-failure",
    recycle: { maxMemory: 1, maxRequests: 1 },
    reload: { minReadyTime: 1 },
  },
  { recycles: true, elects: true, mostWorkers: 2 },
)

/** These take minutes each: `npm run prove` searches them only where it is asked to by name. */
export const slow: readonly Proof[] = [
  scaledAndRecycled,
  proof(
    "two slots, the program is reloaded, and workers are recycled",
    { ...few, respawnLimit: 2, signals: noStopSignals },
    { recycles: true, reloads: true, scales: false },
  ),
  proof(
    "two slots, respawned workers fail while the program is reloaded",
    { ...few, respawnLimit: 2, signals: noStopSignals },
    { reloads: true, scales: false },
  ),
  proof(
    "three slots that are scaled and signalled",
    { ...few, workers: 1, respawnLimit: 0 },
    { mostWorkers: 3 },
  ),
  proof(
    "two slots that are scaled, the program is reloaded with probation",
    {
      ...few,
      workers: 1,
      respawnLimit: 0,
      reload: { minReadyTime: 1 },
      signals: noStopSignals,
    },
    { reloads: true, mostWorkers: 2 },
  ),
]
