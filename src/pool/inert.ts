/**
 * The handle in a process that is not the primary: a worker, a worker of another pool, or a thread. It has the same shape,
 * so that a script can use it everywhere. Its promises stay pending, and its methods reject or throw.
 */
import { logLine } from "../core/log-line.ts"
import { shown } from "../core/plan/checks.ts"
import type { Host } from "../platform/platform.ts"
import type { Supervisor } from "./handle.ts"
import { rejected } from "./pending-calls.ts"

/** A process that is neither the primary nor one of its workers. */
const outsider = "a thread or a process that other code forked"

/** A handle that supervises nothing. The first call that rejects is printed, too. */
export function inertSupervisor(platform: Pick<Host, "printError" | "process">): Supervisor {
  const { worker } = platform.process
  const isWorker = worker !== undefined
  const errorOf = (method: string): Error => {
    const place = `works only in the primary, this is ${isWorker ? "a worker" : outsider}`
    return new Error(`pool.${method}: ${place}. Guard the call with if (pool.isPrimary).`)
  }
  let hasWarned = false

  /** The rejection may go unnoticed, because it need not be handled. */
  function refuse(method: string, given = ""): Promise<never> {
    const call = `pool.${method}(${given})`
    if (!hasWarned) {
      const event = isWorker
        ? `worker ${worker} called ${call}`
        : `${call} was called in ${outsider}`
      const text = `${event}; only the primary can. Guard with if (pool.isPrimary).`
      platform.printError(logLine("warn", text))
    }
    hasWarned = true
    return rejected(errorOf(method))
  }

  function fail(method: string): never {
    throw errorOf(method)
  }

  return {
    isPrimary: false,
    state: "running",
    workers: [],
    ready: new Promise(() => undefined),
    done: new Promise(() => undefined),
    scale: (target) => refuse("scale", shown(target)),
    reload: () => refuse("reload"),
    upgrade: () => refuse("upgrade"),
    recycle: (id) => refuse("recycle", shown(id)),
    stop: () => refuse("stop"),
    on: () => () => undefined,
    status: () => fail("status"),
    recording: () => fail("recording"),
  }
}
