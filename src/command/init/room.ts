/**
 * How much of a machine a container gets, and how much of that each worker may use. Pure. Every figure of memory follows from these.
 */

import { heapFlags } from "../../core/lint/surroundings.ts"

/** Processors, and so workers, if the options do not say how many. */
const usualWorkers = 2

/** All in MiB. */
const perWorker = 512
/** A tmpfs is memory of the container. A large program has some MiB of compiled code there. */
const inTmp = 64
/** What each process uses beside its heap: code, stacks, buffers. */
const besideHeap = 64

export interface Room {
  readonly workers: number
  /** Of the container, in MiB. */
  readonly memory: number
  readonly tmp: number
  /** How large the heap of a worker may grow, in MiB. */
  readonly heap: number
  /** What tells it to Node. */
  readonly nodeOptions: string
  /** Whether the options say how many workers there are. */
  readonly isFixed: boolean
  /** How the heap follows from the memory. */
  readonly text: string
}

/** A processor for each worker. */
export function roomFor(workers: unknown): Room {
  const count = typeof workers === "number" ? workers : usualWorkers
  const memory = perWorker * count
  const heap = Math.floor((memory - inTmp - besideHeap * (count + 1)) / count)
  return {
    workers: count,
    memory,
    tmp: inTmp,
    isFixed: typeof workers === "number",
    heap,
    nodeOptions: heapFlags(heap),
    text: `${memory} MiB, less ${inTmp} for /tmp and ${besideHeap} beside the heap of each process: a worker has ${heap} for its heap, with three semi-spaces.`,
  }
}

/** Why a container has that many processors. */
export function processorText({ isFixed }: Room): string {
  return isFixed
    ? "One processor for each worker. All of them share the memory."
    : "The number of workers follows the limit of the processor. All of them share the memory."
}
