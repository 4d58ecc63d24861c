/**
 * One forked worker as its primary sees it: what it reports, and what can be told to it.
 *
 * Decides what the events of a child process and the messages on its channel mean as facts. Its exit is its only
 * death: a closed channel is none, and a process that never started has no exit.
 */
import type { Worker as ClusterWorker } from "node:cluster"
import type { StopCause } from "../../core/state.ts"
import type { WorkerRef } from "../../core/event.ts"
import { closedChannelMs, type WorkerProcess, type WorkerReport } from "../platform.ts"
import { writeError } from "./broken-pipe.ts"
import { keepHandles } from "./lost-handles.ts"
import { runtime } from "./runtime.ts"
import { pack, type PrimaryMessage, unpackWorkerMessage } from "./wire.ts"

/** For how long messages of a dead worker may still be read. */
const lastWordsMs = 1_000

/** A worker that says nothing for so long has probably not called `kamisama()` at all. */
const silentMs = 30_000

/**
 * Reports on a worker until it is dead, and carries out what is ordered of it.
 *
 * @param stopSignal what a worker is taken to have got that lives on without its channel.
 */
export function watchWorker(
  worker: WorkerRef,
  forked: ClusterWorker,
  stopSignal: string | undefined,
  report: (report: WorkerReport) => void,
): WorkerProcess {
  const child = forked.process
  let hasSaidHello = false
  let isReady = false
  let isListening = false
  let hasRun = false
  let isDead = false
  let hangUp: NodeJS.Timeout | undefined

  const silence = setTimeout(() => {
    writeError(
      `[kamisama] worker ${worker.slot} (pid ${child.pid}): its script has not called kamisama() for 30 s; it must do so in the workers too, at the top level`,
    )
  }, silentMs)
  silence.unref()

  function hear(raw: unknown): void {
    const message = unpackWorkerMessage(raw)
    // Messages may still be read when the exit was reported; only an error is worth telling then.
    if (message === undefined || (isDead && message.type !== "failed")) return
    switch (message.type) {
      case "hello":
        if (hasSaidHello) return
        hasSaidHello = true
        clearTimeout(silence)
        return report({ type: "worker-said-hello", worker })
      case "ran":
        hasRun = true
        if (isListening) becomeReady()
        return
      case "ready":
        return becomeReady()
      case "heartbeat":
        if (!isReady) return
        return report({ type: "worker-sent-heartbeat", worker })
      case "measured":
        if (!isReady) return
        return report({ type: "worker-measured", worker, memoryBytes: message.memoryBytes })
      case "recycle":
        if (!hasSaidHello) return
        return report({ type: "worker-asked-for-replacement", worker })
      case "exclusive":
        if (!hasSaidHello) return
        return report({ type: "worker-asked-for-leadership", worker })
      case "signaled":
        if (!hasSaidHello) return
        return report({ type: "worker-was-signaled", worker, signal: message.signal })
      case "failed":
        return report({
          type: "worker-failed",
          worker,
          during: message.during,
          error: message.error,
        })
      case "bye":
        send({ type: "bye" })
        return
      case "lost-handle":
        resend?.(message.key)
        return
    }
  }

  function becomeReady(): void {
    if (isReady || !hasSaidHello || isDead) return
    isReady = true
    report({ type: "worker-became-ready", worker })
  }

  /** Where the channel is closed, or breaks before it has taken the message, the other way is taken. */
  function send(message: PrimaryMessage, otherwise = (): void => undefined): void {
    if (isDead) return
    if (!child.connected) return otherwise()
    child.send(pack(message), undefined, undefined, (error) => {
      if (error !== null) otherwise()
    })
  }

  function kill(signal: string): void {
    if (isDead || child.pid === undefined) return
    try {
      // By kill() of its own, a signal is reported as what it died of: on Deno whatever it did, and on Windows only then.
      if (signal === "SIGKILL") child.kill(signal)
      else process.kill(child.pid, signal)
    } catch {
      // Not allowed to, or no such signal here. Its kill time will come.
    }
  }

  function died(fact: WorkerReport): void {
    if (isDead) return
    isDead = true
    clearTimeout(silence)
    clearTimeout(hangUp)
    report(fact)
  }

  // Where the fork has failed there is no channel.
  const resend = runtime.losesHandles && child.pid !== undefined ? keepHandles(child) : undefined
  child.on("internalMessage", hear)
  child.on("message", hear)
  forked.on("listening", () => {
    isListening = true
    send({ type: "listening" })
    if (hasRun) becomeReady()
  })
  // node:cluster passes it on from the child, and an error that nobody listens to ends the primary.
  forked.on("error", (error: NodeJS.ErrnoException) => {
    // Once it lives, an error is one of its channel or of a signal to it, and the channel's end says enough.
    if (child.pid === undefined) died({ type: "fork-failed", worker, error: errorText(error) })
  })
  child.on("disconnect", () => {
    if (isDead || stopSignal === undefined) return
    hangUp = setTimeout(() => {
      report({ type: "worker-was-signaled", worker, signal: stopSignal })
    }, closedChannelMs)
    hangUp.unref()
  })
  child.on("exit", (code, signal) => {
    died({ type: "worker-exited", worker, code, signal })
    if (runtime.missesClosedChannels) setTimeout(hangUpOnDead, lastWordsMs).unref()
  })

  /** What node:cluster keeps of it and the channel itself would be left for ever. */
  function hangUpOnDead(): void {
    if (child.connected) child.disconnect()
  }

  return {
    pid: child.pid,
    run: () => send({ type: "run" }),
    grantLeadership: () => send({ type: "exclusive" }),
    stop(signal: string, cause: StopCause) {
      send({ type: "stop", signal, cause }, () => kill(signal))
    },
    kill: () => kill("SIGKILL"),
  }
}

/** A system error in few words. */
export function errorText(error: NodeJS.ErrnoException): string {
  return error.message
}
