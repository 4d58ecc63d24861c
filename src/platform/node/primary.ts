/**
 * The primary's side of the platform: forks workers with node:cluster, and reports them to the reaper.
 *
 * The user's script can still use node:cluster itself, because its settings are changed only during a fork.
 */
import cluster, { type ClusterSettings, type Worker as ClusterWorker } from "node:cluster"
import type { WorkerRef } from "../../core/event.ts"
import { signalsFor } from "../../core/plan/signals.ts"
import {
  neverForked,
  type PrimarySettings,
  type SuccessorFact,
  type SuccessorProcess,
  type WorkerLoads,
  type WorkerProcess,
  type WorkerReport,
} from "../platform.ts"
import { processName } from "../process-name.ts"
import { clusterChannelOf } from "./cluster-channel.ts"
import { type KeptPorts, keepPorts } from "./kept-ports.ts"
import { cacheVariables } from "./compile-cache.ts"
import { type HeartbeatFile, openHeartbeatFile } from "./heartbeat-file.ts"
import { markerFor } from "./marker.ts"
import { unblockOutput, writeWarning } from "./output.ts"
import { runtime } from "./runtime.ts"
import { type Reaper, startReaper } from "./reaper.ts"
import { schedulingFor } from "./scheduling.ts"
import { retrySockets } from "./socket-files.ts"
import { saveUntaken } from "./untaken-connections.ts"
import { type Title, titleOf } from "./title.ts"
import { keepTrees, type Trees } from "./tree.ts"
import { type OwnStart, startSuccessor, type Takeover } from "./successor.ts"
import { type OwnSockets, ownSockets } from "./own-sockets.ts"
import { located, passedSockets, type PassedSockets, servePassed } from "./passed-sockets.ts"
import type { ServiceVariables } from "./service-variables.ts"
import { notifyDescriptor } from "../passed-descriptors.ts"
import { passOn } from "./worker-output.ts"
import { type MetricsWatcher, type WatchedWorker, watchWorker } from "./worker-process.ts"

export interface Primary {
  fork(worker: WorkerRef, report: (report: WorkerReport) => void): WorkerProcess
  /** Reports the heartbeats that workers have sent since the last look. */
  look(): void
  /** Asks each worker how busy it is. */
  loads(withinMs: number): Promise<WorkerLoads>
  /** Begins to read the metrics of workers. @returns asks each worker for them. */
  watchMetrics(
    reported: MetricsWatcher["reported"],
    isExpected: boolean,
  ): (withinMs: number) => Promise<ReadonlySet<number>>
  /** The workers whose programs say that they cannot serve clients, by process id. */
  unhealthy(): ReadonlySet<number>
  /** Continues workers that a signal suspended before they could listen to it. */
  resumeBooting(): void
  /** From now on, the responses of workers end their connections. */
  sendClientsElsewhere(): void
  /** From now on, ports close with their last worker. */
  releasePorts(): void
  /** Starts another primary on the sockets of this one. */
  startSuccessor(report: (fact: SuccessorFact) => void): SuccessorProcess
  release(): void
}

/** The script that the workers run, with its arguments. */
export interface WorkerScript {
  readonly exec: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
}

/** The name that Deno gives to a script without a file: evaluated code, stdin and others. */
const nameOfNoFile = /[/\\]\$deno\$[^/\\]*$/

/** The script, arguments and runtime flags of this very process. */
export function ownScript(): WorkerScript {
  const [, exec, ...args] = process.argv
  // The code of -e and -p has no file either. The first argument after it is the user's.
  const isEvaluated = "_eval" in process && process._eval !== undefined
  if (exec === undefined || exec === "-" || isEvaluated || nameOfNoFile.test(exec)) {
    throw new Error(
      "kamisama: the entry script must be a file, because every worker runs it again. Save the code in a file and run that.",
    )
  }
  return { exec: linkTo(exec) ?? exec, args, execArgv: process.execArgv }
}

/** The link by which this process was started, if the runtime resolves it. It may lead elsewhere at a reload. */
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

/** Starts the primary's side in this process. */
export function startPrimary(
  settings: PrimarySettings,
  script: WorkerScript,
  title: Title,
  service: ServiceVariables,
  takeover: Takeover | undefined,
  start: OwnStart,
): Primary {
  const { plan, compileCache } = settings
  const scheduling = schedulingFor(settings.scheduling)
  if (scheduling !== undefined) {
    cluster.schedulingPolicy = scheduling === "os" ? cluster.SCHED_NONE : cluster.SCHED_RR
  }
  const trees = settings.killTree
    ? keepTrees(plan.timeoutMs, (found) => reaper?.note(found))
    : undefined
  const reaper: Reaper | undefined = startReaper({ plan, trees, title: titleOf(title, "reaper") })
  const [stopSignal] = signalsFor(plan.signals, "stop")
  const booting = new Set<number>()
  const watched = new Set<WatchedWorker>()
  const readers: MetricsWatcher["reported"][] = []
  let isAsked = false
  const metrics: MetricsWatcher = {
    isAsked: () => isAsked,
    reported(pid, given) {
      for (const reader of readers) reader(pid, given)
    },
  }
  const own = ownSockets(takeover?.sockets ?? [])
  const ports = keepPorts(own)
  const passed = passedTo(service, takeover)
  const notifyFd = notifyDescriptor(service, process.pid)
  const cache = cacheVariables(compileCache, writeWarning)
  const forking: Forking = {
    settings,
    script,
    reaper,
    trees,
    stopSignal,
    booting,
    watched,
    metrics,
    ports,
    passed,
    own,
    cache,
    sendsElsewhere: false,
  }
  const resume = (): void => {
    for (const pid of booting) continueProcess(pid)
  }
  return {
    fork: (worker, report) => forkWorker(worker, forking, report),
    look() {
      for (const one of watched) one.look()
    },
    loads: (withinMs) => askAll(watched, withinMs, (worker, answered) => worker.askLoad(answered)),
    watchMetrics(reported, isExpected) {
      readers.push(reported)
      isAsked ||= isExpected
      return async (withinMs) => {
        isAsked = true
        const ask = (worker: WatchedWorker, answered: (isThere: true) => void): void =>
          worker.askMetrics(() => answered(true))
        return new Set((await askAll(watched, withinMs, ask)).keys())
      }
    },
    unhealthy() {
      const sick = [...watched].filter(({ isHealthy }) => !isHealthy)
      return new Set(sick.flatMap(({ pid }) => pid ?? []))
    },
    resumeBooting() {
      resume()
      setTimeout(resume, plan.groupSignalWindowMs).unref()
    },
    sendClientsElsewhere() {
      forking.sendsElsewhere = true
      for (const one of watched) one.sendClientsElsewhere()
    },
    releasePorts: () => ports.release(),
    startSuccessor: (report) =>
      startSuccessor(start, ports.openSockets(), notifyFd, (fact) => {
        if (fact.type === "successor-became-ready") ports.handOver()
        report(fact)
      }),
    release() {
      ports.release()
      if (reaper === undefined) return
      trees?.release()
      reaper.release()
    },
  }
}

/** Asks each worker something, and does not wait for those that do not answer. @returns the answers by process id. */
function askAll<Answer>(
  workers: ReadonlySet<WatchedWorker>,
  withinMs: number,
  ask: (worker: WatchedWorker, answered: (answer: Answer) => void) => void,
): Promise<ReadonlyMap<number, Answer>> {
  const answers = new Map<number, Answer>()
  return new Promise((resolve) => {
    let missing = workers.size
    const overdue = setTimeout(() => resolve(answers), withinMs)
    for (const worker of workers) {
      ask(worker, (answer) => {
        answers.set(worker.pid ?? 0, answer)
        missing -= 1
        if (missing > 0) return
        clearTimeout(overdue)
        resolve(answers)
      })
    }
  })
}

/** What every fork needs. */
interface Forking {
  readonly settings: PrimarySettings
  readonly script: WorkerScript
  readonly reaper: Reaper | undefined
  readonly trees: Trees | undefined
  readonly stopSignal: string | undefined
  /** The processes that have not said hello. */
  readonly booting: Set<number>
  /** The processes that live, as far as is known. */
  readonly watched: Set<WatchedWorker>
  readonly metrics: MetricsWatcher
  readonly ports: KeptPorts
  /** The sockets that were passed to this process; undefined if there are none. */
  readonly passed: PassedSockets | undefined
  /** The unix sockets that this pool makes itself. */
  readonly own: OwnSockets
  /** What gives a worker the compile cache. */
  readonly cache: Variables
  /** Whether the responses of workers end their connections, also of those that start from now on. */
  sendsElsewhere: boolean
}

/** The sockets that a service manager has passed to this process. */
function passedTo(
  service: ServiceVariables,
  takeover: Takeover | undefined,
): PassedSockets | undefined {
  if (takeover !== undefined) {
    const others = takeover.sockets.filter(({ isOwn }) => isOwn !== true)
    return servePassed(others.map((socket) => ({ ...socket, name: "of the old primary" })))
  }
  const sockets = passedSockets(service, process.pid)
  if (typeof sockets === "string") {
    writeWarning(`no passed socket is used: ${sockets}`)
    return undefined
  }
  if (sockets.length === 0) return undefined
  if (!runtime.takesPassedSockets) {
    throw new Error(
      `kamisama: ${runtime.name} cannot listen on sockets that were passed to it (LISTEN_FDS=${sockets.length}): it would open others. Remove the .socket unit, or run on Node or Deno.`,
    )
  }
  const found = located(sockets)
  for (const { fd, name, address } of found) {
    if (address !== null) continue
    writeWarning(
      `the passed descriptor ${fd} (${name}) is no socket that listens, so it is not used`,
    )
  }
  return servePassed(found.filter(({ address }) => address !== null))
}

/** Environment variables. */
interface Variables {
  readonly [name: string]: string
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
  forking: Forking,
  report: (report: WorkerReport) => void,
): WorkerProcess {
  const { reaper, booting, watched, ports, passed, own } = forking
  const { plan, workerOutput } = forking.settings
  const tree = forking.trees?.of(worker)
  const file = plan.heartbeatTimeoutMs === false ? undefined : openHeartbeatFile()
  let forked: ClusterWorker
  try {
    const marker = markerFor(worker, plan.seed, file === undefined ? 0 : heartbeatFd)
    const env = { ...marker, ...tree?.environment, ...forking.cache }
    forked = forkWith(forking, env, worker.slot, file)
  } catch (error) {
    file?.close()
    report({ type: "fork-failed", worker, error: (error as Error).message })
    return neverForked
  }
  unblockOutput()
  const { pid } = forked.process
  if (pid !== undefined) {
    reaper?.add(pid)
    booting.add(pid)
  }
  const channel = clusterChannelOf(forked)
  passed?.serve(channel)
  const user = ports.watch(worker.slot, channel)
  own.serve(channel)
  if (workerOutput !== undefined) passOn(forked.process, workerOutput, () => user.slot)
  const name = (): string => processName(user.slot, pid)
  retrySockets(channel, name)
  saveUntaken(channel, name, ports.isOpen)
  const watching = watchWorker(
    worker,
    forked,
    user,
    tree,
    forking.stopSignal,
    file,
    forking.metrics,
    (reported) => {
      if (pid !== undefined) booting.delete(pid)
      if (reported.type === "worker-said-hello" && forking.sendsElsewhere) {
        watching.sendClientsElsewhere()
      }
      if (reported.type === "worker-became-ready") passed?.sayUntakenSoon()
      if (reported.type === "worker-exited" || reported.type === "fork-failed") {
        watched.delete(watching)
        file?.close()
      }
      if (reported.type === "worker-exited") unblockOutput()
      if (reported.type === "worker-exited" && pid !== undefined) reaper?.remove(pid)
      if (reported.type === "fork-failed") {
        delete cluster.workers?.[forked.id]
        if (/\bE[MN]FILE\b/.test(reported.error)) ports.releaseUnused()
      }
      report(reported)
    },
  )
  watched.add(watching)
  return watching
}

/** The number of the file of heartbeats in a worker: the one after its channel. */
const heartbeatFd = 4

/** Forks with our settings, then restores the user's. */
function forkWith(
  { script, settings }: Forking,
  env: Variables,
  slot: number,
  file: HeartbeatFile | undefined,
): ClusterWorker {
  const users = { ...cluster.settings }
  const output = settings.workerOutput === undefined ? "inherit" : "pipe"
  const ours: ClusterSettings = {
    exec: script.exec,
    args: [...script.args],
    execArgv: [...script.execArgv],
    // When the pool is in the background, the terminal would stop workers that could read from it.
    stdio: [
      // Only the first worker gets the standard input of this process.
      settings.stdin && slot === 1 ? "inherit" : "ignore",
      output,
      output,
      "ipc",
      ...(file === undefined ? [] : [file.fd]),
    ],
  }
  cluster.setupPrimary(ours)
  try {
    return cluster.fork(env)
  } finally {
    for (const name of Object.keys(ours) as (keyof ClusterSettings)[]) delete cluster.settings[name]
    Object.assign(cluster.settings, users)
  }
}
