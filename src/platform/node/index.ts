/**
 * The real host, on the `node:` modules of the runtime. Finds the role of this process. What each role does is in primary.ts
 * and worker-host.ts.
 *
 * Runtime modules that not every process needs are loaded where they are used. Importing one takes several tenths of a
 * millisecond, and would delay the start of every worker.
 */
import cluster from "node:cluster"
import diagnostics from "node:diagnostics_channel"
import { logLine } from "../../core/log-line.ts"
import { slotName } from "../../core/describe.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { work } from "../../worker/work.ts"
import type { Host } from "../platform.ts"
import type { LogEntry } from "../log-entry.ts"
import { unblockSignals } from "./blocked-signals.ts"
import { surviveBrokenPipes } from "./broken-pipe.ts"
import { nodeClock } from "./clock.ts"
import { usableCores } from "./cores.ts"
import { isBesidePool, markPrimary, readMarker, whyNoWorker } from "./marker.ts"
import { signalFlags } from "./flags.ts"
import { limits } from "./limits.ts"
import { measureRequests } from "./http-metrics.ts"
import { ownScript, type Primary, startPrimary, type WorkerScript } from "./primary.ts"
import { runtime, whyPrimaryForbidden, whyRuntimeUnsupported } from "./runtime.ts"
import { whyReaperUnsupported } from "./reaper.ts"
import { publishNotice } from "./notice-channels.ts"
import {
  allowWaiting,
  flushOutput,
  followWrites,
  setLogFormat,
  writeError,
  writeWarning,
} from "./output.ts"
import { warnOfReusePort } from "./reuse-port.ts"
import { keepListenersApart, putListenersBack } from "./own-listeners.ts"
import { onSignal } from "./signals.ts"
import { standInForPrimary } from "./stand-in.ts"
import { ownStart, readTakeover, whyNoUpgrade } from "./successor.ts"
import { keepServiceVariables, serviceVariables } from "./service-variables.ts"
import { setTitle, type Title } from "./title.ts"
import { warnOfStdin } from "./stdin.ts"
import { nodeWorkerHost } from "./worker-host.ts"
import { untilPassedOn } from "./worker-output.ts"
import { zombieWatch } from "./zombies.ts"

/** How long the primary stays at its end if anything keeps it alive. */
const lateWritesMs = 100

const log = diagnostics.channel("kamisama:log")
const marker = readMarker()
const seed = marker?.seed ?? Math.floor(Math.random() * 2 ** 32)
const claimKey = Symbol.for("kamisama.claimed")
const shared = globalThis as { [claimKey]?: boolean }

/**
 * The host for this process. If the runtime cannot be used, it prints one line and exits with code 1.
 *
 * @param script what the workers run; tests use it. Default: the script of this process.
 */
export function nodePlatform(script?: WorkerScript): Host {
  const role = ownRole()
  const why = whyUnusable(role)
  if (why !== undefined) {
    writeError(logLine("error", why))
    process.exit(1)
  }
  const zombies = zombieWatch()
  let primary: Primary | undefined
  let title: Title
  let isEnding = false
  const start = role === "primary" ? ownStart() : undefined
  const takeover = role === "primary" ? readTakeover() : undefined
  const service = role === "primary" ? serviceVariables(takeover?.notifyFd) : {}
  return {
    role,
    process: {
      pid: process.pid,
      runtime: `${runtime.name.toLowerCase()} ${runtime.version}`,
      get worker() {
        return marker?.slot
      },
      get hasTerminal() {
        return hasTerminal()
      },
    },
    clock: nodeClock,
    environment: {
      webConcurrency: process.env["WEB_CONCURRENCY"],
      // A worker does not use the number of workers.
      cores: () => (role === "primary" ? usableCores() : 1),
      seed,
      get cannotLeaveWorkers() {
        return role === "primary" ? whyReaperUnsupported() : undefined
      },
      get signalFlags() {
        return signalFlags()
      },
      limits,
      service,
    },
    claim() {
      if (shared[claimKey] === true) {
        throw new Error(
          "kamisama: already called in this process. It may be called only once. A script that calls it is started by itself, not by the command.",
        )
      }
      shared[claimKey] = true
    },
    name(given) {
      title = given
      if (role === "primary") setTitle(title, "primary")
      else if (marker !== undefined) setTitle(title, slotName(marker.slot))
    },
    prepare(settings) {
      surviveBrokenPipes()
      followWrites()
      allowWaiting(false)
      unblockSignals(Object.keys(settings.plan.signals))
      setLogFormat(settings.logFormat)
      markPrimary()
      keepServiceVariables()
      keepListenersApart(decidedSignals(settings.plan))
      primary = startPrimary(
        settings,
        script ?? ownScript(),
        title,
        service,
        takeover,
        start ?? ownStart(),
      )
    },
    fork(worker, _program, report) {
      if (primary === undefined) throw new Error("[BUG] a worker was forked before prepare()")
      return primary.fork(worker, (reported) => {
        // The pool is done. This process is only still there for its output.
        if (isEnding) return
        if (reported.type === "worker-exited") zombies.workerDied()
        report(reported)
      })
    },
    ...(takeover !== undefined && { takeover }),
    whyNoUpgrade,
    startSuccessor(report) {
      if (primary === undefined) throw new Error("[BUG] an upgrade before prepare()")
      return primary.startSuccessor(report)
    },
    look: () => primary?.look(),
    loads: (withinMs) => primary?.loads(withinMs) ?? Promise.resolve(new Map()),
    watchMetrics: (reported, isExpected) =>
      primary?.watchMetrics(reported, isExpected) ?? (async () => new Set()),
    unhealthy: () => primary?.unhealthy() ?? new Set(),
    sendClientsElsewhere: () => primary?.sendClientsElsewhere(),
    releasePorts: () => primary?.releasePorts(),
    onSignal(signal, listener) {
      return onSignal(signal, (received) => {
        // A booting worker does not listen yet. If such a signal suspended it, it would never continue.
        if (received === "SIGTTIN" || received === "SIGTTOU") primary?.resumeBooting()
        listener(received)
      })
    },
    work(program) {
      if (role !== "worker") throw new Error("[BUG] work() was called outside of a worker")
      surviveBrokenPipes()
      followWrites()
      unblockSignals(Object.keys(program.plan.signals))
      const decided = decidedSignals(program.plan)
      if (program.measuresRequests === true) measureRequests()
      if (marker !== undefined) {
        warnOfReusePort(marker)
        if (program.takesStdin !== true) warnOfStdin(marker)
        work(program, nodeWorkerHost(marker, observe, decided))
        return keepListenersApart(decided)
      }
      const lone = { slot: 1, incarnation: 1, primaryPid: process.ppid, seed, heartbeatFd: 0 }
      work(program, nodeWorkerHost(lone, observe, decided, standInForPrimary(program.plan)))
      keepListenersApart(decided)
    },
    printError: writeError,
    observe,
    publish: publishNotice,
    finish(exitCode, withinMs = 0) {
      primary?.release()
      if (exitCode === undefined) {
        putListenersBack()
        return allowWaiting(true)
      }
      isEnding = true
      const exit = (): void => process.exit(exitCode)
      const overdue = setTimeout(exit, withinMs)
      setImmediate(() => void untilPassedOn().then(flushOutput).then(endSoon))

      /** A listener to the last notice may still be writing it, for example to a file. */
      function endSoon(): void {
        overdue.unref()
        setTimeout(exit, lateWritesMs).unref()
        process.once("beforeExit", exit)
      }
    },
  }
}

/** The signals that something follows from in the pool. */
function decidedSignals({ signals }: Plan): string[] {
  return Object.keys(signals).filter((signal) => signals[signal] !== "ignore")
}

/** Why this process cannot have its role, in one line; undefined if it can. */
function whyUnusable(role: Host["role"]): string | undefined {
  const why = whyRuntimeUnsupported() ?? whyNoWorker(marker, role === "worker")
  return why ?? (role === "primary" ? whyPrimaryForbidden() : undefined)
}

/** The role of this process. A thread is a bystander, because its process already has a role. */
function ownRole(): Host["role"] {
  if (isThread()) return "bystander"
  if (cluster.isPrimary) return "primary"
  if (marker !== undefined || !isBesidePool()) return "worker"
  // Often left over from a program that restarted its workers itself.
  const advice = `Remove the call (cluster.on("exit", () => cluster.fork())?), or fork another script.`
  const text = `process ${process.pid} does nothing: cluster.fork() in the primary started it beside the pool, which forks its workers itself. ${advice}`
  writeWarning(text)
  return "bystander"
}

function isThread(): boolean {
  // On Deno, isMainThread is true in web workers too.
  if ("WorkerGlobalScope" in globalThis) return true
  // Only the main thread has a channel. A worker so does without a module that it would load for this alone.
  return !process.connected && !process.getBuiltinModule("node:worker_threads").isMainThread
}

/** Whether people read what is logged. A pipe or a file is recognized without the module for terminals. */
function hasTerminal(): boolean {
  try {
    if (!process.getBuiltinModule("node:fs").fstatSync(2).isCharacterDevice()) return false
  } catch {
    // It is closed, or the runtime does not tell.
  }
  return process.getBuiltinModule("node:tty").isatty(2)
}

function observe(entry: LogEntry): void {
  if (log.hasSubscribers) log.publish(entry)
}
