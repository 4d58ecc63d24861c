/**
 * How a process knows that it is one of our workers, and which.
 *
 * The primary puts a mark into the environment of each process that it forks. It is read and taken out as soon as this
 * module is loaded: a process that the worker starts itself must not take itself for a worker. It is kept on the global
 * object, so that a second copy of the package in the same process finds it too.
 */
import type { WorkerRef } from "../../core/event.ts"
import { mayReadEnvironment, runtime } from "./runtime.ts"

/** What a worker's process knows from its birth. */
export interface Marker extends WorkerRef {
  /** The process id of the primary that has forked it. */
  readonly primaryPid: number
}

const variable = "KAMISAMA_WORKER"
const key = Symbol.for("kamisama.worker")
const shared = globalThis as { [key]?: Marker | undefined }

/** The environment variable that makes a process the given worker. */
export function markerFor(worker: WorkerRef): { readonly [variable: string]: string } {
  return { [variable]: `${worker.slot} ${worker.incarnation} ${process.pid}` }
}

/** The mark of this process; undefined where it is not one of our workers. */
export function readMarker(): Marker | undefined {
  const text = mayReadEnvironment() ? process.env[variable] : undefined
  if (text !== undefined) {
    delete process.env[variable]
    const [slot, incarnation, primaryPid] = text.split(" ").map(Number)
    if (slot !== undefined && incarnation !== undefined && primaryPid !== undefined) {
      shared[key] = { slot, incarnation, primaryPid }
    }
  }
  return shared[key]
}

/**
 * Why this process takes itself for a worker, which it is not; undefined where it is right. `Bun.spawn` hands on what was
 * deleted from the environment unless it is given one, and the cluster module believes it.
 */
export function mistakenMark(marker: Marker | undefined): string | undefined {
  if (!runtime.keepsEnvironment || marker === undefined || process.connected) return undefined
  return process.ppid === marker.primaryPid
    ? undefined
    : "Cannot supervise as this process has the environment of a worker: start it by Bun.spawn({ env: process.env, … })"
}
