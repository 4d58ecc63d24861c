/**
 * Turns a script into a supervised pool of worker processes.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http"
 * import kamisama from "kamisama"
 *
 * kamisama(() => createServer((_, response) => response.end("hello")).listen(3000))
 * ```
 *
 * @module
 */
import { onBehalfOf } from "./core/plan/checks.ts"
import { type Plan, planFrom } from "./core/plan/plan.ts"
import { defineConfig } from "./pool/define-config.ts"
import { inertSupervisor } from "./pool/inert.ts"
import { defaultCloseTimeout, type KamisamaOptions, readOptions } from "./pool/options.ts"
import type { Host } from "./platform/platform.ts"
import { nodePlatform } from "./platform/node/index.ts"
import { type Control, startPool } from "./pool/pool.ts"
import { History } from "./operator/history.ts"
import type { Supervisor } from "./pool/handle.ts"
import type { WorkerProgram } from "./worker/program.ts"

/**
 * Supervises a program. Your script runs in every process: in the primary, this call forks the workers, and in each
 * worker, it calls `run`.
 *
 * In the primary it forks asynchronously, handles the signals of `options.signals`, and exits when the pool is done. In a
 * worker of another cluster, as with `pm2 start -i`, it runs as that one worker, without a pool. In a thread it does nothing.
 *
 * @param given the options; a function is short for `{ run }`.
 * @returns the handle of the pool; in a worker one that does nothing.
 * @throws {TypeError} if an option is unknown or has the wrong type.
 * @throws {RangeError} if an option breaks its rule.
 * @throws {Error} if it was called before in this process.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 *
 * kamisama({
 *   workers: 3,
 *   run: (id) => console.log(`running worker ${id}`),
 *   shutdown: async (id, signal) => console.log(`worker ${id} shutting down from ${signal}`),
 *   timeout: 5000,
 * })
 * ```
 */
function kamisama(given: KamisamaOptions | KamisamaOptions["run"]): Supervisor {
  const options = onBehalfOf(kamisama, () => readOptions(given))
  const platform = options.platform ?? nodePlatform()
  if (platform.role === "bystander") return inertSupervisor(platform)
  const plan = onBehalfOf(kamisama, () => ownPlan(options, platform))
  const program: WorkerProgram = {
    plan,
    closeTimeoutMs: options.closeTimeout ?? defaultCloseTimeout(plan.timeoutMs),
    idle: options.idle ?? "stay",
    takesStdin: options.stdin ?? false,
    measuresRequests: (options.metrics ?? false) !== false,
    run: (id, context) => options.run(id, context),
    shutdown:
      options.shutdown && ((id, signal, context) => options.shutdown?.(id, signal, context)),
  }
  onBehalfOf(kamisama, () => platform.claim())
  platform.name?.(options.title)
  if (platform.role === "primary") {
    const control = controlOf(options, plan, platform)
    return onBehalfOf(kamisama, () => startPool(options, plan, program, platform, control))
  }
  platform.work(program)
  return inertSupervisor(platform)
}

/** The plan of this process. A new primary that cannot start ends at once: the old one serves on. */
function ownPlan(options: KamisamaOptions, { environment, takeover }: Host): Plan {
  const startFailure = takeover === undefined ? options.startFailure : "exit"
  return planFrom({ ...options, startFailure }, environment)
}

/** What lets others observe and steer a pool; undefined if nobody shall. */
function controlOf(options: KamisamaOptions, plan: Plan, host: Host): Control | undefined {
  const { control = false, metrics = false, health = false, notifyFd = false, platform } = options
  const { NOTIFY_SOCKET, LISTEN_FDNAMES } = host.environment.service ?? {}
  const isManaged = NOTIFY_SOCKET !== undefined || LISTEN_FDNAMES !== undefined
  const isWanted = [control, metrics, health, notifyFd].some((one) => one !== false)
  // A simulated pool has nobody outside.
  if ((!isWanted && !isManaged) || platform !== undefined) return undefined
  return (pool, followRecording) => {
    const history = new History(pool)
    return async () => {
      const { serve } = await import("./operator/serve.ts")
      await serve(pool, { host, history, followRecording, options, plan })
    }
  }
}

// What require() gives is the function, and has by name what import has.
Object.assign(kamisama, { kamisama, default: kamisama, defineConfig })

export { kamisama as default, kamisama, kamisama as "module.exports", defineConfig }
export type { KamisamaConfig } from "./pool/define-config.ts"
export type { PlanOptions, RespawnPolicy, StartFailurePolicy } from "./core/plan/options.ts"
export type { SignalAction } from "./core/plan/signals.ts"
export type { StopCause } from "./core/state.ts"
export type { LogFormat } from "./platform/log-format.ts"
export type { Log } from "./pool/log.ts"
export type {
  DoneNotice,
  ExitNotice,
  ForkFailedNotice,
  ForkNotice,
  GiveUpNotice,
  IncidentNotice,
  KillNotice,
  LintNotice,
  Notice,
  NoticeBase,
  ReadyNotice,
  ReloadNotice,
  ScaleNotice,
  SignalNotice,
  SpareNotice,
  StartNotice,
  StopDelayNotice,
  UpgradeNotice,
  StopNotice,
  WorkerNoticeBase,
} from "./core/notice.ts"
export type { Address, Hooks, KamisamaOptions } from "./pool/options.ts"
export type {
  Clock,
  Host,
  Platform,
  PrimarySettings,
  SuccessorFact,
  SuccessorProcess,
  ProcessInfo,
  Scheduling,
  WorkerLoad,
  WorkerLoads,
  WorkerProcess,
  WorkerReport,
} from "./platform/platform.ts"
export type { WorkerFailure } from "./worker/message.ts"
export type {
  DueStatus,
  Outcome,
  PoolStatus,
  ReloadOutcome,
  RespawnStatus,
  Supervisor,
  WorkerInfo,
  SpareStatus,
  UpgradeOutcome,
  WorkerStatus,
} from "./pool/handle.ts"
export type { CommonAbortSignal, RuntimeAbortSignal } from "./worker/abort-signal.ts"
export type { ShutdownReason, StopContext, WorkerContext, WorkerProgram } from "./worker/program.ts"
