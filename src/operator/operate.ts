/**
 * Carries out what was asked of a pool from outside. It decides nothing: it reads the status and the notices, or makes one of
 * the requests that a program can make, and waits for the outcome.
 */
import type { Notice } from "../core/notice.ts"
import { messageOf } from "../worker/error-text.ts"
import type { PoolStatus, ReloadOutcome, Supervisor, WorkerStatus } from "../pool/handle.ts"
import type { WorkerLoad } from "../platform/platform.ts"
import { type Health, liveness, readiness, startup } from "./health.ts"
import type { History, LastWord } from "./history.ts"
import type { Operation } from "./routes.ts"

/** What a pool says of itself. */
export interface About {
  /** The version of the package. */
  readonly kamisama: string
  /** The version of what is answered here. It grows when something is taken away or changes its meaning. */
  readonly api: 1
  /** The name of the pool. */
  readonly name: string
  /** The process id of its primary. */
  readonly pid: number
  /** The runtime and its version. */
  readonly runtime: string
  /** When it was started, in ms since the epoch. */
  readonly startedAt: number
}

/** The status of a pool, with what is known from outside. */
export interface OperatorStatus extends About, Omit<PoolStatus, "workers"> {
  /** For how long it has run, in ms. */
  readonly upMs: number
  readonly workers: readonly OperatorWorker[]
}

/** A worker. */
export interface OperatorWorker extends WorkerStatus {
  /** Its resident memory. Null where it is not known. */
  readonly memoryBytes: number | null
  /** The processor time that it has used. Null where it is not known. */
  readonly cpuMs: number | null
  /** How busy it is. Null if it has not answered in time, or has only begun to measure that. */
  readonly load: WorkerLoad | null
  /** Why it is as it is. Null if that was too long ago. */
  readonly last: LastWord | null
}

/** What a process uses; undefined where that is not known. */
type UsageOf = (pid: number) => { readonly memoryBytes: number; readonly cpuMs: number } | undefined

/** What the operations work on. */
export interface Operated {
  readonly pool: Supervisor
  readonly about: About
  readonly history: History
  /** The options in use, by name. */
  readonly config: { readonly [option: string]: unknown }
  readonly usageOf: UsageOf
  /** How busy the workers are, by process id. */
  readonly loads: () => Promise<ReadonlyMap<number, WorkerLoad>>
  /** ms since the epoch. */
  readonly epochNow: () => number
}

/** What is answered. */
export type Answer =
  | { readonly type: "json"; readonly status: number; readonly body: object }
  /** Lines of JSON. */
  | { readonly type: "lines"; readonly text: string }
  /** Notices: those that were, and each one from then on. */
  | {
      readonly type: "notices"
      readonly past: readonly Notice[]
      readonly follow: History["follow"] | undefined
    }

export async function carryOut(operation: Operation, operated: Operated): Promise<Answer> {
  const { pool, about, history, config } = operated
  switch (operation.type) {
    case "about":
      return json(200, about)
    case "status":
      return json(200, await statusOf(operated))
    case "config":
      return json(200, config)
    case "recording":
      return { type: "lines", text: pool.recording() }
    case "events": {
      const follow = operation.follow ? history.follow.bind(history) : undefined
      return { type: "notices", past: history.last(operation.last), follow }
    }
    case "live":
      return healthy(liveness(pool.status(), history.hasGivenUp))
    case "ready":
      return healthy(readiness(pool.status()))
    case "started":
      return healthy(startup(pool.status(), history.wasReady))
    case "reload":
      return pool.state === "starting"
        ? refused("the pool is still starting")
        : outcomeOf(pool.reload())
    case "scale": {
      const to = "to" in operation ? operation.to : pool.status().target + operation.by
      if (to < 1) return refused("a pool has at least 1 worker")
      return outcomeOf(pool.scale(to).then(() => ({ ok: true, workers: to })))
    }
    case "recycle":
      return outcomeOf(pool.recycle(operation.id))
    case "stop": {
      const { code, reason } = await pool.stop()
      return json(code === 0 ? 200 : 409, { ok: code === 0, code, reason })
    }
  }
}

async function statusOf(operated: Operated): Promise<OperatorStatus> {
  const { pool, about, history, usageOf, epochNow } = operated
  const loads = await operated.loads()
  const status = pool.status()
  return {
    ...about,
    upMs: epochNow() - about.startedAt,
    ...status,
    workers: status.workers.map((worker) => {
      const { memoryBytes = null, cpuMs = null } =
        worker.pid === null ? {} : (usageOf(worker.pid) ?? {})
      const load = loads.get(worker.pid ?? 0) ?? null
      return { ...worker, memoryBytes, cpuMs, load, last: history.about(worker.id) }
    }),
  }
}

/** What a request led to: 200, or 409 with the reason if it failed or could not be made now. */
async function outcomeOf(request: Promise<ReloadOutcome>): Promise<Answer> {
  try {
    const outcome = await request
    return json(outcome.ok ? 200 : 409, outcome)
  } catch (error) {
    return refused(messageOf(error).replace(/^pool\.\w+: /, ""))
  }
}

function refused(reason: string): Answer {
  return json(409, { ok: false, reason })
}

function healthy(health: Health): Answer {
  return json(health.ok ? 200 : 503, health)
}

function json(status: number, body: object): Answer {
  return { type: "json", status, body }
}
