/**
 * The situations and events that never meet, each with the reason. A dimension that is not named stands for all of its
 * values. The proof fails if a pair listed here is reached, and if a pair that is reached nowhere is missing here.
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
  "worker sent a heartbeat",
  "worker was measured",
  "worker served its requests",
  "worker asked for replacement",
  "worker asked for leadership",
  "worker was signaled",
  "worker exited",
  "fork failed",
]

const ofSuccessor = ["new primary became ready", "new primary exited", "new primary failed"]

/** What a process reports only while it runs. */
const ofRunning = [
  "became ready",
  "heartbeat",
  "takes little memory",
  "takes too much memory",
  "served its requests",
  "asked for replacement",
  "asked for leadership",
]

export const impossible: readonly Impossible[] = [
  {
    where: { pool: ["starting"], event: ofWorkers },
    why: "nothing is forked before the start, so there is no process to report on",
  },
  {
    where: { pool: ["starting", "done"], event: ofSuccessor },
    why: "nobody is to take over before the start, and a pool that is done has handed over or has ended its successor",
  },
  {
    where: { pool: ["stopping"], event: ["new primary became ready", "new primary failed"] },
    why: "a new primary that is ready, or could not be started, is not there any more once the pool stops, and one that was told to stop only ends",
  },
  {
    where: { pool: ["done"], event: ["deadline reached"] },
    why: "a pool that is done has no deadline, and the loop has canceled its timer (rule 16)",
  },
  {
    where: {
      process: ["booting"],
      report: [...ofRunning, "got another signal"],
    },
    why: "a process reports this over its channel, on which the hello comes first",
  },
  {
    where: { process: ["loaded", "starting", "ready"], report: ["could not be forked"] },
    why: "a process that has said hello was forked",
  },
  {
    where: {
      process: ["loaded"],
      report: ofRunning,
    },
    why: "a process reports this only once it was told to run",
  },
  {
    where: { process: ["loaded"], leaving: ["killed because it was unresponsive"] },
    why: "a spare that waits has no limit",
  },
  {
    where: { process: ["starting", "ready"], slot: ["a spare"] },
    why: "a spare that runs has filled a slot",
  },
  {
    where: {
      process: ["loaded"],
      slot: ["wanted", "taken back", "given up", "a replacement beside another", "retired"],
    },
    why: "a worker that has a slot runs at its hello",
  },
  {
    where: { process: ["booting"], leaving: ["is to stop"] },
    why: "a process that is to stop while it boots is killed at once",
  },
  {
    where: {
      leaving: ["stays"],
      slot: ["given up", "taken back", "retired", "in a pool that stops"],
    },
    why: "giving up a slot, or stopping the pool, stops its process, unless that was killed already",
  },
  {
    where: {
      leaving: [
        "is to stop",
        "killed because it was unresponsive",
        "killed because it was to stop",
      ],
      slot: ["a replacement beside another"],
    },
    why: "a replacement that is to stop, or was killed, is retired",
  },
  {
    where: {
      process: ["ready"],
      leaving: [
        "is to stop",
        "killed because it was unresponsive",
        "killed because it was to stop",
      ],
    },
    why: "it makes no difference whether a process on its way out had been ready, so it is listed under starting",
  },
]

/** Whether a pair is one of those. */
export function isOneOf({ where }: Impossible, { values }: Pair): boolean {
  return Object.entries(where).every(([dimension, named]) =>
    named.includes(values[dimension] ?? "nothing"),
  )
}
