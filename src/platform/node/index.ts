/**
 * The real operating system, by the modules of Node. Decides in which role this process is; what the roles do stands in
 * primary.ts and worker-host.ts.
 *
 * Modules of the runtime that not every process needs at its start are asked for where they are used: importing one
 * takes several tenths of a millisecond, which every worker's start would wait for.
 */
import cluster from "node:cluster"
import diagnostics from "node:diagnostics_channel"
import { work } from "../../worker/work.ts"
import type { Host } from "../platform.ts"
import type { LogEntry } from "../log-entry.ts"
import { unblockSignals } from "./blocked-signals.ts"
import { surviveBrokenPipes, writeError } from "./broken-pipe.ts"
import { nodeClock } from "./clock.ts"
import { usableCores } from "./cores.ts"
import { mistakenMark, readMarker } from "./marker.ts"
import { ownScript, type Primary, startPrimary, type WorkerScript } from "./primary.ts"
import { whyRuntimeUnsupported } from "./runtime.ts"
import { whyReaperUnsupported } from "./reaper.ts"
import { publishNotice } from "./notice-channels.ts"
import { onSignal } from "./signals.ts"
import { nodeWorkerHost } from "./worker-host.ts"

const log = diagnostics.channel("kamisama:log")
const marker = readMarker()
const claimKey = Symbol.for("kamisama.claimed")
const shared = globalThis as { [claimKey]?: boolean }

/**
 * The platform of this process, which ends with one line and code 1 where the runtime cannot be used. Tests let its
 * workers run another script.
 */
export function nodePlatform(script?: WorkerScript): Host {
  const lack = whyRuntimeUnsupported() ?? mistakenMark(marker)
  if (lack !== undefined) {
    writeError(`[kamisama] ${lack}`)
    process.exit(1)
  }
  const role = ownRole()
  let primary: Primary | undefined
  return {
    role,
    clock: nodeClock,
    environment: {
      webConcurrency: process.env["WEB_CONCURRENCY"],
      // A worker has no use for the number of workers.
      cores: () => (role === "primary" ? usableCores() : 1),
      seed: Math.floor(Math.random() * 2 ** 32),
      get cannotLeaveWorkers() {
        const lack = role === "primary" ? whyReaperUnsupported() : undefined
        return lack && `${lack}, as nothing would end the workers that it leaves behind`
      },
    },
    claim() {
      if (shared[claimKey] === true) {
        throw new Error("Cannot supervise as kamisama() may be called only once in a process")
      }
      shared[claimKey] = true
    },
    prepare(settings) {
      surviveBrokenPipes()
      unblockSignals(Object.keys(settings.plan.signals))
      primary = startPrimary(settings, script ?? ownScript())
    },
    fork(worker, _program, report) {
      if (primary === undefined) throw new Error("[BUG] a worker was forked before prepare()")
      return primary.fork(worker, report)
    },
    onSignal(signal, listener) {
      return onSignal(signal, (received) => {
        // Whoever boots does not listen yet, and one that such a signal suspends would never go on.
        if (received === "SIGTTIN" || received === "SIGTTOU") primary?.resumeBooting()
        listener(received)
      })
    },
    work(program) {
      if (marker === undefined) throw new Error("[BUG] work() was called outside of a worker")
      surviveBrokenPipes()
      unblockSignals(Object.keys(program.plan.signals))
      work(program, nodeWorkerHost(marker, observe))
    },
    printError: writeError,
    observe,
    publish: publishNotice,
    finish(exitCode) {
      primary?.release()
      if (exitCode !== undefined) setImmediate(() => process.exit(exitCode))
    },
  }
}

/** A thread runs within a process that has a role already. */
function ownRole(): Host["role"] {
  // Deno takes its web workers for main threads.
  const isThread = "WorkerGlobalScope" in globalThis
  if (isThread || !process.getBuiltinModule("node:worker_threads").isMainThread) return "bystander"
  if (cluster.isPrimary) return "primary"
  return marker === undefined ? "bystander" : "worker"
}

function observe(entry: LogEntry): void {
  if (log.hasSubscribers) log.publish(entry)
}
