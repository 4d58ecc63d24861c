/**
 * Inflicts each kind of fault on a life of the pool. A fault that lasts is ended later, while the next faults come.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./plan.ts"
import type { Life } from "./life.ts"

/** The time in which a worker gets the command to hang, in ms. */
const hangingMs = 100

/** @returns the pid of the process that it was inflicted on; undefined if there was none. */
export async function inflict(fault: Fault, life: Life): Promise<number | undefined> {
  const { kind, which, forMs, target, breakage } = fault
  switch (kind) {
    case "exit":
    case "throw":
    case "hang":
      return toServing(life, which, (pid) => {
        life.hurt(pid)
        life.control.commandWorker(pid, kind)
      })
    case "recycle":
      return toServing(life, which, (pid) => life.control.commandWorker(pid, kind))
    case "kill":
    case "segfault":
      return toAny(life, which, (pid) => {
        life.hurt(pid)
        life.signal(kind === "kill" ? "SIGKILL" : "SIGSEGV", pid)
      })
    case "terminate":
      return toAny(life, which, (pid) => life.signal("SIGTERM", pid))
    case "suspend":
      return toAny(life, which, (pid) => {
        life.hurt(pid)
        suspend(life, pid, forMs)
      })
    case "suspend briefly":
      return toAny(life, which, (pid) => suspend(life, pid, forMs))
    case "suspend primary":
      suspend(life, life.pid, forMs)
      life.primaryResumesAt = performance.now() + forMs
      return life.pid
    case "scale up":
      life.signal("SIGTTIN")
      return life.pid
    case "scale down":
      life.signal("SIGTTOU")
      return life.pid
    case "scale":
      life.control.commandPrimary(`scale ${target}`)
      return life.pid
    case "reload":
      life.signal("SIGHUP")
      return life.pid
    case "reload broken":
      life.deploy(breakage)
      life.signal("SIGHUP")
      // Longer than it takes to find out.
      setTimeout(() => life.deploy("good"), 2 * life.settings.startTimeoutMs).unref()
      return life.pid
    case "stop":
      life.signal("SIGTERM")
      return life.pid
    case "stop twice":
      life.signal("SIGTERM")
      await sleep(forMs)
      life.signal("SIGTERM")
      return life.pid
    case "interrupt":
      life.signalGroup("SIGINT")
      return life.pid
    case "kill primary":
      if (which % 2 === 0) {
        toServing(life, which / 2, (pid) => {
          life.hurt(pid)
          life.control.commandWorker(pid, "hang")
        })
        await sleep(hangingMs)
      }
      life.wasKilled = true
      life.signal("SIGKILL")
      return life.pid
  }
}

function toServing(life: Life, which: number, act: (pid: number) => void): number | undefined {
  return toOne(life.control.workers, which, act)
}

function toAny(life: Life, which: number, act: (pid: number) => void): number | undefined {
  return toOne(life.children(), which, act)
}

function toOne(
  pids: readonly number[],
  which: number,
  act: (pid: number) => void,
): number | undefined {
  const pid = pids[which % pids.length]
  if (pid !== undefined) act(pid)
  return pid
}

function suspend(life: Life, pid: number, forMs: number): void {
  life.signal("SIGSTOP", pid)
  setTimeout(() => life.signal("SIGCONT", pid), forMs)
}
