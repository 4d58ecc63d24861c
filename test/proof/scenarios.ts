/**
 * The plans that are simulated: those that are searched through, with more workers to scale to, and others with the
 * figures of real pools, which no search comes to the end of.
 */
import { type Proof, proof, quick } from "./plans.ts"

/** To each moment at which something is due, and the least step beside it. */
const leaps: Proof["freedom"]["leaps"] = [1, "deadline"]

const small = quick.map(({ name, plan, freedom }): Proof => ({
  name,
  plan,
  freedom: {
    ...freedom,
    mostWorkers: plan.workers + 2,
    reloads: true,
    recycles: true,
    excludes: true,
    leaps,
  },
}))

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
    { leaps: [...leaps, 100, 10_000] },
    {
      forkRetryMs: 1_000,
      stablePeriodMs: 60_000,
      signalEchoMs: 250,
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
    { scales: false, leaps },
    { stablePeriodMs: 5 },
  ),
]

export const scenarios: readonly Proof[] = [...small, ...large]
