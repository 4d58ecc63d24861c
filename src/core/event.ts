/**
 * Everything that can be reported to the core, in the past tense.
 *
 * A platform or a caller reports a fact. The loop stamps it with the time, which makes it an event. The operating system
 * may report in any order, twice, or late. So every pair of state and event has a meaning, if only "nothing changes". Only
 * a worker that was never forked cannot be reported.
 */
import {
  count,
  type FieldRule,
  type Fields,
  integerOrNull,
  isTypeIn,
  positive,
  span,
  text,
  textOrNull,
  worker,
} from "./field-rules.ts"

/** Names one process: the slot it fills and the serial number of the fork that made it. Never reused. */
export interface WorkerRef {
  /** The numbered place, 1…N. It is the `id` of the public API. 0 for a spare, which has none until it fills one. */
  readonly slot: number
  /** The serial number of the fork, unique in the life of the primary. */
  readonly incarnation: number
}

/** What a platform reports about one worker process. */
export type WorkerFact =
  /** Its script has reached `kamisama()`: from now on it can be told to run and asked to stop. */
  | { readonly type: "worker-said-hello"; readonly worker: WorkerRef }
  /** It serves: `run` has settled and its server listens, or it said so itself. */
  | { readonly type: "worker-became-ready"; readonly worker: WorkerRef }
  /**
   * Its event loop was responsive `agoMs` before this is reported. Repeated while it runs, if the plan has a heartbeat, or reported
   * only when it would be killed otherwise.
   */
  | { readonly type: "worker-sent-heartbeat"; readonly worker: WorkerRef; readonly agoMs: number }
  /** It uses this much memory. Repeated while it runs, if the plan has a limit. */
  | { readonly type: "worker-measured"; readonly worker: WorkerRef; readonly memoryBytes: number }
  /** It has served this many requests: as many as the plan lets it. */
  | {
      readonly type: "worker-served-requests"
      readonly worker: WorkerRef
      readonly requests: number
    }
  /** Its code has asked for another worker in its place. */
  | { readonly type: "worker-asked-for-replacement"; readonly worker: WorkerRef }
  /** Its code has asked to be the leader: the one worker that does what no two may do. */
  | { readonly type: "worker-asked-for-leadership"; readonly worker: WorkerRef }
  /** A signal reached it. Whether it reached it alone or the whole group is not known yet. */
  | { readonly type: "worker-was-signaled"; readonly worker: WorkerRef; readonly signal: string }
  /** It is dead: exactly one of `code` and `signal` is not null. */
  | {
      readonly type: "worker-exited"
      readonly worker: WorkerRef
      readonly code: number | null
      readonly signal: string | null
    }
  /** It never lived: the operating system refused the fork, for example with EAGAIN. */
  | { readonly type: "fork-failed"; readonly worker: WorkerRef; readonly error: string }

/** What a worker reports about itself. Its primary sees the rest of `WorkerFact` from outside. */
export type SelfReport = Exclude<WorkerFact, { readonly type: "worker-exited" | "fork-failed" }>

/** Everything that may be reported to the core. */
export type Fact =
  | WorkerFact
  /** The entry script has had its turn and `beforeFork` has resolved: forking may begin. */
  | { readonly type: "started" }
  /** `beforeFork` has thrown or rejected: nothing was forked and nothing will be. */
  | { readonly type: "start-failed" }
  /** A signal reached the primary. `plan.signals` says what it means. */
  | { readonly type: "signal-received"; readonly signal: string }
  /** `stop()` was called. */
  | { readonly type: "stop-requested"; readonly signal: string }
  /** `scale(target)` was called. */
  | { readonly type: "scale-requested"; readonly target: number }
  /** `reload()` was called. */
  | { readonly type: "reload-requested" }
  /** `upgrade()` was called. */
  | { readonly type: "upgrade-requested" }
  /** The workers of the successor are ready. Never reported of one that was told to stop. */
  | { readonly type: "successor-became-ready" }
  /** The successor is dead. Until then, no other one is started. */
  | {
      readonly type: "successor-exited"
      readonly code: number | null
      readonly signal: string | null
    }
  /** It never lived. */
  | { readonly type: "successor-failed"; readonly error: string }
  /** The wake-up of the loop. Too early or repeated, it changes nothing. */
  | { readonly type: "deadline-reached" }

/** A fact and the moment it was taken in, in ms of the platform's monotonic clock. Never earlier than the one before. */
export type Event = Fact & { readonly at: number }

/** What a worker's report about itself carries besides `worker`. */
export const selfReportFields: Fields<SelfReport, "worker"> = {
  "worker-said-hello": {},
  "worker-became-ready": {},
  "worker-sent-heartbeat": { agoMs: span },
  "worker-measured": { memoryBytes: count },
  "worker-served-requests": { requests: count },
  "worker-asked-for-replacement": {},
  "worker-asked-for-leadership": {},
  "worker-was-signaled": { signal: text },
}

const otherFields: Fields<Exclude<Fact, SelfReport>> = {
  started: {},
  "start-failed": {},
  "worker-exited": { worker, code: integerOrNull, signal: textOrNull },
  "fork-failed": { worker, error: text },
  "signal-received": { signal: text },
  "stop-requested": { signal: text },
  "scale-requested": { target: positive },
  "reload-requested": {},
  "upgrade-requested": {},
  "successor-became-ready": {},
  "successor-exited": { code: integerOrNull, signal: textOrNull },
  "successor-failed": { error: text },
  "deadline-reached": {},
}

/** The fields of an event besides `type` and `at`; undefined if there is no such event. */
export function fieldsOf(type: unknown): { readonly [name: string]: FieldRule } | undefined {
  if (isTypeIn(selfReportFields, type)) return { worker, ...selfReportFields[type] }
  return isTypeIn(otherFields, type) ? otherFields[type] : undefined
}
