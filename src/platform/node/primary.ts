/**
 * The primary's side of the platform: forks workers with node:cluster, and keeps the sidecar informed of them.
 *
 * node:cluster stays usable beside it in the same script: its settings are ours only for the moment of a fork.
 */
import cluster, { type ClusterSettings, type Worker as ClusterWorker } from "node:cluster"
import type { WorkerRef } from "../../core/event.ts"
import {
  neverForked,
  type PrimarySettings,
  type Scheduling,
  type WorkerProcess,
  type WorkerReport,
} from "../platform.ts"
import { markerFor } from "./marker.ts"
import { runtime } from "./runtime.ts"
import { type Reaper, startReaper } from "./reaper.ts"
import { watchWorker } from "./worker-process.ts"

export interface Primary {
  fork(worker: WorkerRef, report: (report: WorkerReport) => void): WorkerProcess
  /** Lets workers go on that a signal has suspended before they could listen to it. */
  resumeBooting(): void
  release(): void
}

/** What the workers run instead of this process's own script. */
export interface WorkerScript {
  readonly exec: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
}

/** What Deno calls the script where there is no file of it: what was evaluated, came from stdin or from elsewhere. */
const nameOfNoFile = /[/\\]\$deno\$[^/\\]*$/

/** The script, arguments and runtime flags of this very process. */
export function ownScript(): WorkerScript {
  const [, exec, ...args] = process.argv
  // What -e and -p gave has no file either: the first argument after it is the user's own.
  const isEvaluated = "_eval" in process && process._eval !== undefined
  if (exec === undefined || exec === "-" || isEvaluated || nameOfNoFile.test(exec)) {
    throw new Error(
      "Cannot supervise as the workers run the entry script anew: current process was started without one in a file",
    )
  }
  return { exec: linkTo(exec) ?? exec, args, execArgv: process.execArgv }
}

/** The path by which this process was started, where the runtime tells only where that leads: it may lead elsewhere later. */
function linkTo(script: string): string | undefined {
  if (!runtime.resolvesLinks) return undefined
  const { readFileSync, realpathSync } = process.getBuiltinModule("node:fs")
  const { resolve } = process.getBuiltinModule("node:path")
  try {
    const [, ...given] = readFileSync("/proc/self/cmdline", "utf8").split("\0")
    return given.map((arg) => resolve(arg)).find((path) => leadsTo(path, script))
  } catch {
    return undefined
  }

  function leadsTo(path: string, target: string): boolean {
    try {
      return realpathSync(path) === target
    } catch {
      return false
    }
  }
}

/** Takes up the primary's side in this process. */
export function startPrimary(settings: PrimarySettings, script: WorkerScript): Primary {
  const { plan } = settings
  const scheduling = possibleScheduling(settings.scheduling)
  if (scheduling !== undefined) {
    cluster.schedulingPolicy = scheduling === "os" ? cluster.SCHED_NONE : cluster.SCHED_RR
  }
  const reaper = startReaper(plan)
  const stopSignal = Object.keys(plan.signals).find((signal) => plan.signals[signal] === "stop")
  const booting = new Set<number>()
  const resume = (): void => {
    for (const pid of booting) continueProcess(pid)
  }
  return {
    fork: (worker, report) => forkWorker(worker, { script, reaper, stopSignal, booting }, report),
    resumeBooting() {
      resume()
      setTimeout(resume, plan.groupSignalWindowMs).unref()
    },
    release: () => reaper?.release(),
  }
}

/** Who hands out connections here. */
function possibleScheduling(wanted: Scheduling | undefined): Scheduling | undefined {
  const { name, onlyScheduling } = runtime
  if (onlyScheduling === undefined || wanted === onlyScheduling) return wanted
  if (wanted === undefined) return onlyScheduling
  const rule = `Cannot supervise as "scheduling" must be "${onlyScheduling}" on ${name}`
  throw new RangeError(`${rule}: current value is "${wanted}"`)
}

/** What every fork needs. */
interface Forking {
  readonly script: WorkerScript
  readonly reaper: Reaper | undefined
  readonly stopSignal: string | undefined
  /** The processes that have not said hello. */
  readonly booting: Set<number>
}

function continueProcess(pid: number): void {
  try {
    process.kill(pid, "SIGCONT")
  } catch {
    // It has just ended.
  }
}

function forkWorker(
  worker: WorkerRef,
  { script, reaper, stopSignal, booting }: Forking,
  report: (report: WorkerReport) => void,
): WorkerProcess {
  let forked: ClusterWorker
  try {
    forked = forkWith(script, markerFor(worker))
  } catch (error) {
    report({ type: "fork-failed", worker, error: (error as Error).message })
    return neverForked
  }
  const { pid } = forked.process
  if (pid !== undefined) {
    reaper?.add(pid)
    booting.add(pid)
  }
  return watchWorker(worker, forked, stopSignal, (reported) => {
    if (pid !== undefined) booting.delete(pid)
    if (reported.type === "worker-exited" && pid !== undefined) reaper?.remove(pid)
    if (reported.type === "fork-failed") delete cluster.workers?.[forked.id]
    report(reported)
  })
}

/** Forks with settings of ours, and gives the user's own back. */
function forkWith(
  script: WorkerScript,
  env: { readonly [variable: string]: string },
): ClusterWorker {
  const users = { ...cluster.settings }
  const ours: ClusterSettings = {
    exec: script.exec,
    args: [...script.args],
    execArgv: [...script.execArgv],
    // Workers that could read the terminal would be stopped by it when the pool is in the background.
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  }
  cluster.setupPrimary(ours)
  try {
    return cluster.fork(env)
  } finally {
    for (const name of Object.keys(ours) as (keyof ClusterSettings)[]) delete cluster.settings[name]
    Object.assign(cluster.settings, users)
  }
}
