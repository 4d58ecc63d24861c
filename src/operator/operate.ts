/**
 * Carries out what was asked of a pool from outside. It decides nothing: it reads the status and the notices, or makes one of
 * the requests that a program can make, and waits for the outcome.
 */
import type { Event } from "../core/event.ts"
import { finite } from "../core/recording/recording.ts"
import { messageOf } from "../worker/error-text.ts"
import type { ReloadOutcome, Supervisor } from "../pool/handle.ts"
import type { Backlog } from "./backlog.ts"
import { familiesOf, type Family } from "./metrics.ts"
import type { AskWorkers } from "./worker-metrics.ts"
import type { WorkerLoads } from "../platform/platform.ts"
import { type Health, liveness, readiness, type ReadyAt, startup } from "./health.ts"
import type { History } from "./history.ts"
import type { MetricsBy, Operation } from "./routes.ts"
import type { About, OperatorStatus } from "./status.ts"

/** What a process uses; undefined where that is not known. */
type UsageOf = (pid: number) => { readonly memoryBytes: number; readonly cpuMs: number } | undefined

/** What the operations work on. */
export interface Operated {
  readonly pool: Supervisor
  readonly about: About
  readonly history: History
  /** Calls back with each event that is recorded from now on. */
  readonly followRecording: (listener: (event: Event) => void) => () => void
  /** The options in use, by name. */
  readonly config: { readonly [option: string]: unknown }
  readonly usageOf: UsageOf
  /** How many connections wait at the ports that those processes listen on. */
  readonly backlogsOf: (pids: readonly number[]) => readonly Backlog[]
  /** How many workers must serve for the pool to be ready. */
  readonly readyAt: ReadyAt
  /** How busy the workers are, by process id. */
  readonly loads: () => Promise<WorkerLoads>
  readonly askWorkers: AskWorkers
  /** ms since the epoch. */
  readonly epochNow: () => number
}

/** What is answered. */
export type Answer =
  | { readonly type: "json"; readonly status: number; readonly body: object }
  /** Lines of JSON: those that there are, and each one from then on. */
  | { readonly type: "lines"; readonly text: string; readonly follow?: Follow }
  | { readonly type: "metrics"; readonly families: readonly Family[] }

/** Sends each line from now on, and ends once there are no more. @returns ends it at once. */
export type Follow = (send: (line: string) => void, end: () => void) => () => void

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
      return linesOf(pool.recording(), operation.follow, (send, end) => {
        void pool.done.then(end)
        return operated.followRecording((event) => send(JSON.stringify(event, finite)))
      })
    case "events": {
      const past = history.last(operation.last).map((notice) => `${JSON.stringify(notice)}\n`)
      return linesOf(past.join(""), operation.follow, (send, end) =>
        history.follow((notice) => {
          send(JSON.stringify(notice))
          if (notice.type === "done") end()
        }),
      )
    }
    case "metrics":
      return { type: "metrics", families: await metricsOf(operated, operation.by) }
    case "live":
      return healthy(liveness(pool.status(), history.hasGivenUp))
    case "ready":
      return healthy(readiness(pool.status(), operated.readyAt))
    case "started":
      return healthy(startup(pool.status(), history.wasReady))
    case "reload":
      return pool.state === "starting"
        ? refused("the pool is still starting")
        : outcomeOf(pool.reload())
    case "upgrade":
      return pool.state === "starting"
        ? refused("the pool is still starting")
        : outcomeOf(pool.upgrade())
    case "scale": {
      const to = "to" in operation ? operation.to : pool.status().target + operation.by
      if (to < 1) return refused("a pool has at least 1 worker")
      return outcomeOf(pool.scale(to).then(() => ({ ok: true, workers: to })))
    }
    case "recycle": {
      const { id } = operation
      const ids = pool.status().workers.map((worker) => worker.id)
      return ids.includes(id)
        ? outcomeOf(pool.recycle(id))
        : refused(`there is no worker ${id}. There are: ${ids.join(", ")}`)
    }
    case "stop": {
      const { code, reason } = await pool.stop()
      return json(code === 0 ? 200 : 409, { ok: code === 0, code, reason })
    }
  }
}

function linesOf(text: string, isFollowed: boolean, follow: Follow): Answer {
  return { type: "lines", text, ...(isFollowed && { follow }) }
}

/** The metrics of the pool, and those of its workers. */
async function metricsOf(operated: Operated, by: MetricsBy): Promise<readonly Family[]> {
  const [status, workers] = await Promise.all([statusOf(operated), operated.askWorkers(by)])
  const pids = [status.pid, ...status.workers.flatMap(({ pid }) => pid ?? [])]
  const backlogs = operated.backlogsOf(pids)
  const ofPool = familiesOf(status, operated.history.totals, backlogs, workers.dropped)
  // A name that the pool has, too, would stand there twice.
  const taken = new Set(ofPool.map(({ name }) => name))
  return [...ofPool, ...workers.families.filter(({ name }) => !taken.has(name))]
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
      const answers = loads.has(worker.pid ?? 0)
      return {
        ...worker,
        memoryBytes,
        cpuMs,
        answers,
        load,
        last: history.about(worker.id, worker.pid),
      }
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
