/**
 * One forked worker as its primary sees it: turns the events and messages of a child process into events for the core,
 * and carries out commands.
 *
 * Only an exit means that the worker is dead. A closed channel does not, and a process that never started has no exit.
 */
import type { Worker as ClusterWorker } from "node:cluster"
import type { WorkerRef } from "../../core/event.ts"
import { reportOf } from "../../worker/message.ts"
import { died, heard, newLink } from "../link.ts"
import { processName } from "../process-name.ts"
import {
  closedChannelMs,
  type WorkerLoad,
  type WorkerProcess,
  type WorkerReport,
} from "../platform.ts"
import { isOfDatagrams } from "./cluster-channel.ts"
import type { PortUser } from "./kept-ports.ts"
import type { HeartbeatFile } from "./heartbeat-file.ts"
import { keepHandles } from "./lost-handles.ts"
import { writeWarning } from "./output.ts"
import { runtime } from "./runtime.ts"
import type { Tree } from "./tree.ts"
import { type Aside, isAside, pack, type PrimaryMessage, unpackWorkerMessage } from "../wire.ts"

/** How long messages of a dead worker may still be read. */
const lastWordsMs = 1_000

/** A worker that has not said hello after this time has probably not called `kamisama()` at all. */
const silentMs = 30_000

/** So many may wait for the answer of one worker. */
const mostListeners = 100

/** One spare that listens speaks for all. */
let hasWarned = false

/** Who reads the metrics of workers. */
export interface MetricsWatcher {
  /** Whether anybody has ever asked for them. */
  isAsked(): boolean
  /** A worker has sent its metrics. */
  reported(pid: number, metrics: readonly unknown[]): void
}

/** A worker that is looked at from time to time. */
export interface WatchedWorker extends WorkerProcess {
  /** Reports its latest heartbeat if there is one since the last look. */
  look(): void
  /** Asks it how busy it is, and calls back if it answers: with null if it begins to measure that. */
  askLoad(answered: (load: WorkerLoad | null) => void): void
  /** Asks it for its metrics, and calls back if it answers. */
  askMetrics(answered: () => void): void
  /** Lets its responses end their connections from now on. */
  sendClientsElsewhere(): void
  /** Whether its program says that it can serve clients. */
  readonly isHealthy: boolean
}

/**
 * Reports on a worker until it is dead, and carries out the commands for it.
 *
 * @param first what it was forked as. A spare gets its slot later.
 * @param stopSignal reported as received by a worker that lives on without its channel.
 * @param file by which it sends heartbeats; undefined if it sends messages.
 */
export function watchWorker(
  first: WorkerRef,
  forked: ClusterWorker,
  ports: PortUser,
  tree: Tree | undefined,
  stopSignal: string | undefined,
  file: HeartbeatFile | undefined,
  watcher: MetricsWatcher,
  report: (report: WorkerReport) => void,
): WatchedWorker {
  const child = forked.process
  let worker = first
  let link = newLink
  let hangUp: NodeJS.Timeout | undefined
  const loadListeners: ((load: WorkerLoad | null) => void)[] = []
  const metricsListeners: (() => void)[] = []
  let isHealthy = true

  const silence = setTimeout(() => {
    writeWarning(
      `${processName(worker.slot, child.pid)}: its script has not called kamisama() for 30 s; it must do so in the workers too, at the top level (an if (cluster.isPrimary) around it?)`,
    )
  }, silentMs)
  silence.unref()

  function hear(raw: unknown): void {
    const message = unpackWorkerMessage(raw)
    if (message === undefined) return
    if (isAside(message)) return hearAside(message)
    const next = heard(link, message)
    if (next === undefined) return
    link = next
    if (message.type === "worker-said-hello") {
      clearTimeout(silence)
      // Somebody reads metrics: this worker counts from its beginning, too.
      if (watcher.isAsked()) send({ type: "send-metrics" })
    }
    if (message.type === "worker-became-ready") ports.becameReady()
    if (message.type === "worker-failed") ports.isLeaving(true)
    report(reportOf(worker, message))
  }

  /** Takes in what is no report. */
  function hearAside(message: Aside): void {
    if (message.type === "spawned") return tree?.started(message.identity)
    if (link.isDead) return
    switch (message.type) {
      case "bye":
        return send({ type: "bye" })
      case "load": {
        const { type: _type, ...load } = message
        return tellLoad(load)
      }
      case "load-unknown":
        return tellLoad(null)
      case "health":
        isHealthy = message.isHealthy
        return
      case "metrics":
        watcher.reported(child.pid ?? 0, message.metrics)
        for (const answered of metricsListeners.splice(0)) answered()
        return
      case "lost-handle":
        return resend?.(message.key)
    }
  }

  function tellLoad(load: WorkerLoad | null): void {
    for (const answered of loadListeners.splice(0)) answered(load)
  }

  function warnOfListening(): void {
    if (hasWarned) return
    hasWarned = true
    writeWarning(
      `${processName(0, child.pid)}: its script listens before run is called, so clients reach it although it only waits. Listen in run`,
    )
  }

  /** Calls `otherwise` if the channel is closed, or breaks before it has taken the message. */
  function send(message: PrimaryMessage, otherwise = (): void => undefined): void {
    if (link.isDead) return
    if (!child.connected) return otherwise()
    child.send(pack(message), undefined, undefined, (error) => {
      if (error !== null) otherwise()
    })
  }

  /** Asks the worker something, for all who wait for the answer. */
  function ask<Listener>(waiting: Listener[], question: PrimaryMessage, answered: Listener): void {
    // One that has not said hello does not listen yet.
    if (link.said === "nothing" || link.isDead) return
    // One that hangs does not answer. It is not asked again meanwhile.
    if (waiting.length === 0) send(question)
    if (waiting.length < mostListeners) waiting.push(answered)
  }

  function kill(signal: string): void {
    if (link.isDead || child.pid === undefined) return
    try {
      // After child.kill(), the signal is reported as the cause of the exit: on Deno always, on Windows only then.
      if (signal === "SIGKILL") child.kill(signal)
      else process.kill(child.pid, signal)
    } catch {
      // Not permitted, or the system has no such signal. The worker is killed when its time is over.
    }
  }

  function end(fact: WorkerReport): void {
    const next = died(link)
    if (next === undefined) return
    link = next
    clearTimeout(silence)
    clearTimeout(hangUp)
    tree?.ended()
    report(fact)
  }

  if (child.pid !== undefined) tree?.began(child.pid)
  // If the fork failed, there is no channel.
  const resend = runtime.losesHandles && child.pid !== undefined ? keepHandles(child) : undefined
  child.on("internalMessage", hear)
  child.on("message", hear)
  forked.on("listening", (address) => {
    if (!isOfDatagrams(address)) ports.listens()
    if (worker.slot === 0) warnOfListening()
    send({ type: "listening" })
  })
  // node:cluster passes errors of the child on. Without a listener, one would end the primary.
  forked.on("error", (error: NodeJS.ErrnoException) => {
    // Once it lives, an error is about its channel or a signal to it. The end of the channel is reported anyway.
    if (child.pid === undefined) end({ type: "fork-failed", worker, error: error.message })
  })
  child.on("disconnect", () => {
    if (link.isDead || stopSignal === undefined) return
    hangUp = setTimeout(() => {
      report({ type: "worker-was-signaled", worker, signal: stopSignal })
    }, closedChannelMs)
    hangUp.unref()
  })
  child.on("exit", (code, signal) => {
    end({ type: "worker-exited", worker, code, signal })
    if (runtime.missesClosedChannels) setTimeout(hangUpOnDead, lastWordsMs).unref()
  })

  /** Without this, the channel and what node:cluster keeps for it would never be freed. */
  function hangUpOnDead(): void {
    if (child.connected) child.disconnect()
  }

  return {
    pid: child.pid,
    look() {
      const agoMs = link.isDead ? undefined : file?.look()
      if (agoMs === undefined) return
      const heartbeat = { type: "worker-sent-heartbeat", agoMs } as const
      if (heard(link, heartbeat) !== undefined) report(reportOf(worker, heartbeat))
    },
    askLoad: (answered) => ask(loadListeners, { type: "send-load" }, answered),
    askMetrics: (answered) => ask(metricsListeners, { type: "send-metrics" }, answered),
    sendClientsElsewhere() {
      // One that has not said hello does not listen yet.
      if (link.said !== "nothing") send({ type: "send-clients-elsewhere" })
    },
    get isHealthy() {
      return isHealthy
    },
    run(as) {
      worker = as
      ports.fills(as.slot)
      send({ type: "run", slot: as.slot, willListen: ports.isToListen })
    },
    grantLeadership: () => send({ type: "grant-leadership" }),
    stop(signal, cause) {
      ports.whenHandedOut(() => {
        ports.isLeaving(cause !== "scale-down")
        send({ type: "stop", signal, cause }, () => kill(signal))
      })
    },
    kill() {
      if (!link.isDead) tree?.freeze()
      kill("SIGKILL")
    },
  }
}
