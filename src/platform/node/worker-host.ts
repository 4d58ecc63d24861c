/**
 * A real worker process as the worker's side needs it: IPC messages, signals, timers, and an exit that loses no
 * connection. What follows from them is decided in src/worker.
 */
import cluster from "node:cluster"
import { slotName } from "../../core/describe.ts"
import type { WorkerHost } from "../../worker/host.ts"
import {
  type Leaving,
  type LeavingCommand,
  type LeavingEvent,
  stepLeaving,
} from "../../worker/leaving.ts"
import type { LogEntry } from "../log-entry.ts"
import { processName } from "../process-name.ts"
import { now } from "./clock.ts"
import { closeConnectionsAfterResponses } from "./closing-connections.ts"
import { writeCache } from "./compile-cache.ts"
import { callOwnListeners } from "./called-listeners.ts"
import { beginClosing, closeResource, drainServers, whatWasCut } from "./drain.ts"
import { sendHeartbeat } from "./heartbeat-file.ts"
import { watchForEmptiness, watchForIdleness } from "./idleness.ts"
import { firstListening, listeningOf } from "./listening.ts"
import { measureLoad } from "./load.ts"
import { receiveHandles } from "./lost-handles.ts"
import type { Marker } from "./marker.ts"
import { hasNativeServers, watchNativeServers } from "./native-servers.ts"
import { flushOutput, writeError, writeWarning } from "./output.ts"
import { countRequests } from "./requests.ts"
import { exitAtOnce, ownExitCode, reportOwnEnd } from "./own-end.ts"
import { ownListeners } from "./own-listeners.ts"
import { leaveIdleConnections } from "./left-connections.ts"
import { runtime } from "./runtime.ts"
import { addMetrics, reportLastMetrics, reportMetrics } from "./worker-metrics.ts"
import { watchedServers, watchServers } from "./servers.ts"
import { onSignal } from "./signals.ts"
import { watchSpawns } from "./spawned.ts"
import type { StandIn } from "./stand-in.ts"
import { changeTitle } from "./title.ts"
import { isMarked } from "./tree.ts"
import { pack, type PrimaryMessage, unpackPrimaryMessage, type WorkerMessage } from "../wire.ts"

/** How often a worker checks whether it is an orphan, on a runtime that may not report it. */
const lookAroundMs = 500

/**
 * The host of this process, which the primary in the marker forked.
 *
 * @param decided the signals that something follows from in the pool.
 * @param standIn answers in place of that primary, if it is not one of ours.
 */
export function nodeWorkerHost(
  marker: Marker,
  observe: (entry: LogEntry) => void,
  decided: readonly string[],
  standIn?: StandIn,
): WorkerHost {
  const { incarnation } = marker
  const listeners = new Set<(message: PrimaryMessage) => void>()
  let isExiting = false

  // The primary also tells of a socket for UDP.
  let isToldOfListening = false
  const toldOfListening = new Promise<void>((resolve) => {
    listeners.add((message) => {
      if (message.type !== "listening") return
      isToldOfListening = true
      resolve()
    })
  })

  const receive = runtime.losesHandles
    ? receiveHandles((key) => send({ type: "lost-handle", key }), warnOfLoss)
    : undefined

  function hear(raw: unknown, handle: unknown): void {
    receive?.(raw, handle)
    const message = unpackPrimaryMessage(raw)
    if (message !== undefined) take(message)
  }

  function take(message: PrimaryMessage): void {
    if (message.type === "send-load") return sendLoad()
    if (message.type === "send-metrics") return reportMetrics(sendMetrics, warn)
    if (message.type === "send-clients-elsewhere") return closeConnectionsAfterResponses()
    if (message.type === "stop") leaveIdleConnections()
    if (message.type === "run" && message.slot !== marker.slot) {
      marker.slot = message.slot
      changeTitle(slotName(message.slot))
    }
    for (const listener of listeners) listener(message)
  }

  function send(message: WorkerMessage): void {
    if (message.type === "worker-became-ready" && writeCache !== undefined) setImmediate(writeCache)
    const { heartbeatFd } = marker
    if (message.type === "worker-sent-heartbeat" && heartbeatFd > 0 && sendHeartbeat(heartbeatFd)) {
      return
    }
    if (standIn !== undefined) standIn.answer(message, take)
    else if (process.connected) process.send?.(pack(message), undefined, undefined, () => undefined)
  }

  function sendLoad(): void {
    const load = measureLoad()
    send(load === undefined ? { type: "load-unknown" } : { type: "load", ...load })
  }

  function sendMetrics(metrics: readonly unknown[]): void {
    send({ type: "metrics", metrics })
  }

  function warn(text: string): void {
    writeWarning(`${processName(marker.slot, process.pid)}: ${text}`)
  }

  function warnOfLoss(): void {
    warn(
      "a message with a handle was lost, because Deno loses one that arrives together with another message",
    )
  }

  /** Calls back once everything that the primary sent before was received, or can no longer be. */
  function roundTrip(callback: () => void): void {
    const answered = (message: PrimaryMessage): void => {
      if (message.type !== "bye") return
      listeners.delete(answered)
      callback()
    }
    listeners.add(answered)
    send({ type: "bye" })
  }

  /** The runtime prints it, and ends the process: the primary is only told why. */
  function reportUncaught(error: unknown): void {
    // With listeners of its own, the program decides whether it goes on.
    if (process.listenerCount("uncaughtException") > 0) return
    if (process.hasUncaughtExceptionCaptureCallback?.()) return
    send({ type: "worker-failed", during: "uncaught", error: inspected(error) })
  }

  function leave(command: LeavingCommand, code: number, take: (event: LeavingEvent) => void): void {
    switch (command) {
      case "stop-listening": {
        isExiting = true
        const closed = (): void => take({ type: "closed" })
        cluster.worker?.on("disconnect", closed)
        // Node ends a process by an assertion if a connection arrives after it has disconnected: sticky sessions still send some.
        process.disconnect = closed
        cluster.worker?.disconnect()
        return
      }
      case "ask":
        return roundTrip(() => take({ type: "answered" }))
      case "end":
        return exitAtOnce(code)
    }
  }

  process.on("uncaughtExceptionMonitor", reportUncaught)
  watchServers()
  watchNativeServers()
  if (standIn === undefined) {
    if (isMarked()) watchSpawns((identity) => send({ type: "spawned", identity }))
    process.on("internalMessage", hear)
    process.on("message", hear)
  }

  return {
    get id() {
      return marker.slot
    },
    incarnation,
    now,
    memoryBytes: () => process.memoryUsage.rss(),
    send,
    onCommand(listener) {
      listeners.add((message) => {
        switch (message.type) {
          case "listening":
          case "bye":
          case "send-load":
          case "send-metrics":
          case "send-clients-elsewhere":
            return
          default:
            listener(message)
        }
      })
    },
    onPrimaryGone(listener) {
      const own = cluster.worker
      own?.on("disconnect", () => {
        // Without this, node:cluster ends the process right after calling its listeners.
        own.exitedAfterDisconnect = true
        if (isExiting) return
        leaveIdleConnections()
        afterChannel(listener)
      })
      own?.on("error", (error: NodeJS.ErrnoException) => {
        // A message of node:cluster itself to a primary that has just died. Its end is reported anyway.
        if (isOfClosedChannel(error) || own.listenerCount("error") > 1) return
        throw error
      })
      if (runtime.missesClosedChannels) closeChannelOnceAlone(marker.primaryPid)
      if (!process.connected || process.ppid !== marker.primaryPid) setImmediate(listener)
    },
    onSignal: (signal, listener) => void onSignal(signal, listener),
    listensTo: (signal) => ownListeners(signal).length > 0,
    callListeners(signal, onEnd) {
      reportOwnEnd(decided, onEnd)
      const serves = watchedServers().length > 0 || hasNativeServers()
      return callOwnListeners(signal, serves)
    },
    exitCode: () => ownExitCode(decided),
    after(ms, callback, background) {
      const timer = setTimeout(callback, ms)
      if (background !== undefined) timer.unref()
      return () => clearTimeout(timer)
    },
    countRequests,
    onIdle(listener) {
      // Whether a server listens is known only from our own primary.
      if (standIn !== undefined) return () => false
      return watchForIdleness(listeners, roundTrip, listener)
    },
    onEmpty: watchForEmptiness,
    beginClosing,
    close: closeResource,
    drain: drainServers,
    listening: (resource) => listeningOf(resource, () => isToldOfListening || hasNativeServers()),
    firstListening: () => Promise.race([firstListening(), toldOfListening]),
    setHealthy: (isHealthy) => send({ type: "health", isHealthy }),
    addMetrics,
    reportFailure(during, error) {
      const text = inspected(error)
      if (process.connected && standIn === undefined) {
        send({ type: "worker-failed", during, error: text })
      } else warn(`${during} failed: ${text}`)
    },
    printError: writeError,
    observe(action) {
      const { slot } = marker
      observe({ kind: "worker", at: now(), worker: { slot, incarnation }, action })
    },
    exit(code, withinMs) {
      const cut = whatWasCut()
      if (cut !== undefined) warn(cut)
      let leaving: Leaving = "flushing"
      const take = (event: LeavingEvent): void => {
        const next = stepLeaving(leaving, event)
        leaving = next.leaving
        for (const command of next.commands) leave(command, code, take)
      }
      setTimeout(() => take({ type: "overdue" }), withinMs)
      // The channel stays open meanwhile: without it, the primary would take this process for one that hangs.
      const flushed = new Promise<void>((resolve) => reportLastMetrics(resolve)).then(flushOutput)
      void flushed.then(() => take({ type: "flushed", isConnected: process.connected }))
    },
    exitAtOnce,
  }
}

/** Closes the channel once the primary is dead, so that its end is reported in this process. */
function closeChannelOnceAlone(primaryPid: number): void {
  const watch = setInterval(() => {
    if (process.ppid === primaryPid) return
    clearInterval(watch)
    if (process.connected) process.disconnect()
  }, lookAroundMs)
  watch.unref()
}

/** Calls back once the primary can see that the channel is closed, because the callback may block this process. */
function afterChannel(callback: () => void): void {
  if (runtime.channelLingersMs === 0) callback()
  else setTimeout(callback, runtime.channelLingersMs)
}

/** The error as the runtime prints it. Never throws, whatever the user's code threw. */
function inspected(error: unknown): string {
  try {
    return process.getBuiltinModule("node:util").inspect(error)
  } catch {
    return "an error that cannot be shown"
  }
}

function isOfClosedChannel({ code = "" }: NodeJS.ErrnoException): boolean {
  return ["EPIPE", "ECONNRESET", "ERR_IPC_CHANNEL_CLOSED", "ERR_IPC_DISCONNECTED"].includes(code)
}
