/**
 * A simulated process that runs the user's own `run` and `shutdown`, within the process of the test, with the same code as real
 * workers.
 *
 * Some things differ from a process of its own. `process.exit` ends the test. An endless loop hangs it. What the user's code has
 * started continues after the death of its process, including its timers, but nothing of a dead process is reported or logged. A
 * server counts as listening as soon as it was returned. Requests are not counted, and an empty event loop ends no worker, because
 * all share the process of the test.
 */
import { errorText } from "../../worker/error-text.ts"
import { logLine } from "../../core/log-line.ts"
import { closeAnything } from "../../worker/close.ts"
import type { WorkerHost } from "../../worker/host.ts"
import type { WorkerProgram } from "../../worker/program.ts"
import { work } from "../../worker/work.ts"
import type { LogEntry } from "../log-entry.ts"
import { processName } from "../process-name.ts"
import type { FakeProcess, FakeProgram } from "./process.ts"

/** What a live worker needs besides its process. */
export interface LiveEnvironment {
  now(): number
  printError(line: string): void
  observe(entry: LogEntry): void
  /** From the fork until the script reaches `kamisama()`, in ms. */
  readonly bootMs: number
}

/** A program that runs the user's code. */
export function liveProgram(program: WorkerProgram, environment: LiveEnvironment): FakeProgram {
  const listeners = new Map<string, () => void>()
  let onCommand: Parameters<WorkerHost["onCommand"]>[0] = () => undefined
  let onPrimaryGone = (): void => undefined

  function hostOf(process: FakeProcess): WorkerHost {
    const after: WorkerHost["after"] = (ms, callback) =>
      process.timers.after(ms, () => process.perform(callback))
    return {
      get id() {
        return process.worker.slot
      },
      incarnation: process.worker.incarnation,
      now: environment.now,
      // All workers share the memory of the test.
      memoryBytes: () => 0,
      send: (message) => process.send(message),
      onCommand: (listener) => void (onCommand = listener),
      onPrimaryGone: (listener) => void (onPrimaryGone = listener),
      onSignal: (signal, listener) => void listeners.set(signal, listener),
      // All workers share the listeners of the test.
      listensTo: () => false,
      callListeners: () => Promise.resolve({ promises: [], untold: false }),
      exitCode: () => 0,
      after,
      countRequests: () => undefined,
      onIdle: () => () => false,
      onEmpty: () => undefined,
      beginClosing: () => undefined,
      close: (resource) =>
        closeAnything(
          resource,
          () => new Promise((resolve) => after(program.closeTimeoutMs, resolve)),
        ),
      drain: () => Promise.resolve(),
      listening: () => Promise.resolve(),
      firstListening: () => new Promise(() => undefined),
      setHealthy: (isHealthy) => process.setHealthy(isHealthy),
      // Nobody asks for metrics in a test.
      addMetrics: () => undefined,
      reportFailure(during, error) {
        const text = errorText(error)
        if (process.isConnected) return process.send({ type: "worker-failed", during, error: text })
        if (process.state === "dead") return
        const name = processName(process.worker.slot, process.pid)
        environment.printError(logLine("warn", `${name}: ${during} failed: ${text}`))
      },
      printError(line) {
        if (process.state !== "dead") environment.printError(line)
      },
      observe(action) {
        if (process.state === "dead") return
        const { worker } = process
        environment.observe({ kind: "worker", at: environment.now(), worker, action })
      },
      exit: (code) => process.exit(code),
      exitAtOnce: (code) => process.exit(code),
    }
  }

  return {
    booted(process) {
      process.timers.after(environment.bootMs, () =>
        process.perform(() => work(program, hostOf(process))),
      )
    },
    told: (command) => onCommand(command),
    signaled(signal) {
      const listener = listeners.get(signal)
      listener?.()
      return listener !== undefined
    },
    primaryGone: () => onPrimaryGone(),
  }
}
