/**
 * What each command of the core asks of a platform: one call, or none.
 */
import type { Command } from "../core/command.ts"
import type { WorkerRef } from "../core/event.ts"
import type { StopCause } from "../core/state.ts"

/** What can be asked. */
export interface Orders {
  fork(worker: WorkerRef): void
  run(worker: WorkerRef): void
  grantLeadership(worker: WorkerRef): void
  stop(worker: WorkerRef, signal: string, cause: StopCause): void
  kill(worker: WorkerRef): void
  sendClientsElsewhere(): void
  releasePorts(): void
  startSuccessor(): void
  stopSuccessor(): void
  killSuccessor(): void
  /** The pool is done, and the primary ends with this code if nothing else keeps it. */
  finish(code: 0 | 1): void
}

/** Carries out one command. */
export function carryOut(command: Command, orders: Orders): void {
  switch (command.type) {
    case "fork-worker":
      return orders.fork(command.worker)
    case "run-worker":
      return orders.run(command.worker)
    case "grant-leadership":
      return orders.grantLeadership(command.worker)
    case "stop-worker":
      return orders.stop(command.worker, command.signal, command.cause)
    case "kill-worker":
      return orders.kill(command.worker)
    case "announce-scale":
    case "announce-reload":
    case "announce-incident":
    case "announce-upgrade":
      return
    case "announce-stop-delay":
      return orders.sendClientsElsewhere()
    case "start-successor":
      return orders.startSuccessor()
    case "stop-successor":
      return orders.stopSuccessor()
    case "kill-successor":
      return orders.killSuccessor()
    case "announce-stop":
    case "announce-give-up":
      return orders.releasePorts()
    case "finish":
      return orders.finish(command.code)
  }
}
