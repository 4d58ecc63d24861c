/**
 * The handle where there is nothing to supervise: in a worker, and in a worker of somebody else's pool. Its promises stay
 * pending and its methods reject or throw, so that a script can use the handle without asking where it runs.
 */
import type { Supervisor } from "./handle.ts"

/** A handle that does nothing. */
export function inertSupervisor(): Supervisor {
  return {
    isPrimary: false,
    state: "running",
    workers: [],
    ready: new Promise(() => undefined),
    done: new Promise(() => undefined),
    scale: (target) => refuse(`scale to ${target}`),
    reload: () => refuse("reload"),
    stop: () => refuse("stop the pool"),
    on: () => () => undefined,
    status: () => fail("tell the status of the pool"),
    recording: () => fail("take a recording"),
  }
}

function fail(what: string): never {
  throw new Error(`Cannot ${what} as only the primary can: this is a worker`)
}

function refuse(what: string): Promise<never> {
  const refusal = new Promise<never>(() => fail(what))
  refusal.catch(() => undefined)
  return refusal
}
