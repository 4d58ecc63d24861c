/**
 * Tells a process that it is one of our workers, and which one.
 *
 * The primary adds a marker to the environment of each process that it forks. The marker is read and removed as soon as this
 * module is loaded, so that processes started by the worker do not take themselves for workers. It is kept on the global
 * object, where a second copy of the package in the same process finds it too.
 */
import type { WorkerRef } from "../../core/event.ts"
import { mayReadEnvironment, runtime } from "./runtime.ts"

/** What a worker process knows from its start. */
export interface Marker extends WorkerRef {
  /** A spare learns it when it is told to run. Until then it is 0. */
  slot: number
  /** The process id of the primary that forked it. */
  readonly primaryPid: number
  /** The seed of its plan. */
  readonly seed: number
  /** The file by which it sends heartbeats; 0 if it sends messages. */
  readonly heartbeatFd: number
}

const variable = "KAMISAMA_WORKER"
const primaryVariable = "KAMISAMA_PRIMARY"
const key = Symbol.for("kamisama.worker")
const shared = globalThis as { [key]?: Marker | undefined }

/** The environment variable that makes a process the given worker. */
export function markerFor(
  { slot, incarnation }: WorkerRef,
  seed: number,
  heartbeatFd: number,
): { readonly [variable: string]: string } {
  return { [variable]: `${slot} ${incarnation} ${process.pid} ${seed} ${heartbeatFd}` }
}

/** The marker of this process; undefined if it is not one of our workers. */
export function readMarker(): Marker | undefined {
  const text = mayReadEnvironment() ? process.env[variable] : undefined
  if (text !== undefined) {
    delete process.env[variable]
    delete process.env[primaryVariable]
    const [slot, incarnation, primaryPid, seed = 0, heartbeatFd = 0] = text.split(" ").map(Number)
    if (slot !== undefined && incarnation !== undefined && primaryPid !== undefined) {
      shared[key] = { slot, incarnation, primaryPid, seed, heartbeatFd }
    }
  }
  return shared[key]
}

/** Marks this primary to the processes that its own cluster forks beside the pool. It means nothing to their children. */
export function markPrimary(): void {
  process.env[primaryVariable] = String(process.pid)
}

/** Whether the parent of this process is the primary of a pool. */
export function isBesidePool(): boolean {
  return mayReadEnvironment() && process.env[primaryVariable] === String(process.ppid)
}

/**
 * Why this process wrongly takes itself for a worker; undefined if all is well. `Bun.spawn` without `env` passes on variables
 * that were deleted from the environment, and the cluster module relies on them.
 */
export function whyNoWorker(marker: Marker | undefined, isWorker: boolean): string | undefined {
  if (!runtime.keepsEnvironment || process.connected) return undefined
  const isRight = marker === undefined ? !isWorker : process.ppid === marker.primaryPid
  return isRight
    ? undefined
    : "this process has the environment of a worker, but is none. Start it with Bun.spawn({ env: process.env, … })"
}
