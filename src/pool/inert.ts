/**
 * The handle in a process that is not the primary: a worker, a worker of another pool, or a thread. It has the same shape,
 * so that a script can use it everywhere. Its promises stay pending, and its methods reject or throw.
 */
import { logLine } from "../core/log-line.ts"
import { shown } from "../core/plan/checks.ts"
import type { Host } from "../platform/platform.ts"
import type { Supervisor } from "./handle.ts"
import { rejected } from "./pending-calls.ts"

/** A handle that supervises nothing. The first call that only the primary can serve is printed. */
export function inertSupervisor(platform: Pick<Host, "printError" | "process">): Supervisor {
  const { worker } = platform.process
  const caller = worker === undefined ? "this process" : `worker ${worker}`
  let hasWarned = false

  /** The rejection may go unnoticed, because it need not be handled. */
  function refuse(method: string, given = ""): Promise<never> {
    const call = `pool.${method}(${given})`
    if (!hasWarned) {
      const text = `${caller} called ${call}; only the primary can. Guard with if (pool.isPrimary).`
      platform.printError(logLine("warn", text))
    }
    hasWarned = true
    return rejected(errorOf(method))
  }

  return {
    isPrimary: false,
    state: "running",
    workers: [],
    ready: new Promise(() => undefined),
    done: new Promise(() => undefined),
    scale: (target) => refuse("scale", shown(target)),
    reload: () => refuse("reload"),
    stop: () => refuse("stop"),
    on: () => () => undefined,
    status: () => fail("status"),
    recording: () => fail("recording"),
  }
}

function fail(method: string): never {
  throw errorOf(method)
}

function errorOf(method: string): Error {
  const advice = "Guard the call with if (pool.isPrimary)."
  return new Error(`pool.${method}: works only in the primary, this is a worker. ${advice}`)
}
