/**
 * The situations and events that never meet, each with the reason. What is not named stands for all of its values. One
 * that meets after all fails the proof, and so does one that is reached nowhere and missing here.
 */
import type { Pair } from "./pairs.ts"

export interface Impossible {
  /** Those that have one of these values in each dimension that is named. */
  readonly where: { readonly [dimension: string]: readonly string[] }
  readonly why: string
}

const ofWorkers = [
  "worker said hello",
  "worker became ready",
  "worker answered",
  "worker was measured",
  "worker asked for replacement",
  "worker asked to be the only one",
  "worker was signalled",
  "worker exited",
  "fork failed",
]

export const impossible: readonly Impossible[] = [
  {
    where: { pool: ["starting"], event: ofWorkers },
    why: "nothing is forked before the start, so there is nobody to report on",
  },
  {
    where: { pool: ["done"], event: ["deadline reached"] },
    why: "a pool that is done has no deadline, and its driver has taken its timer back by then (rule 16)",
  },
  {
    where: {
      process: ["booting"],
      report: [
        "became ready",
        "heartbeat",
        "takes little memory",
        "takes too much memory",
        "asked for replacement",
        "asked to be the only one",
        "got another signal",
      ],
    },
    why: "a process says so over its channel, on which the hello comes first",
  },
  {
    where: { process: ["starting", "ready"], report: ["could not be forked"] },
    why: "a process that has said hello was forked",
  },
  {
    where: {
      leaving: ["stays"],
      slot: ["given up", "taken back", "replaced by another", "in a pool that stops"],
    },
    why: "to give up a slot, or to stop the pool, is to stop its process, or not to wait for one that was killed",
  },
  {
    where: {
      leaving: [
        "is to stop",
        "killed as it gave no sign of life",
        "killed as it did not stop in time",
      ],
      slot: ["on trial beside another"],
    },
    why: "one that is to stop, or was killed, is on trial no more",
  },
  {
    where: {
      process: ["ready"],
      leaving: [
        "is to stop",
        "killed as it gave no sign of life",
        "killed as it did not stop in time",
      ],
    },
    why: "whether a process that is on its way out had been ready makes no difference, so it stands under starting",
  },
]

/** Whether a pair is one of those. */
export function isOneOf({ where }: Impossible, { values }: Pair): boolean {
  return Object.entries(where).every(([dimension, named]) =>
    named.includes(values[dimension] ?? "nothing"),
  )
}
