/**
 * The form of messages on Node's IPC channel, and the check of what arrives there.
 *
 * Each message carries a `cmd` that begins with NODE_. Node delivers it as `internalMessage`, so the user's own `message`
 * listeners never see it. A runtime that does not know this convention delivers it as `message`, which works too. Any
 * other message belongs to someone else and is ignored: nothing that arrives on the channel may end a process.
 */
import { selfReportFields } from "../core/event.ts"
import {
  amount,
  bool,
  type FieldRule,
  type Fields,
  isTypeIn,
  positive,
  text,
} from "../core/field-rules.ts"
import { isRecord } from "../core/plan/checks.ts"
import type { StopCause } from "../core/state.ts"
import type { WorkerLoad } from "./platform.ts"
import type { FromWorker, ToWorker } from "../worker/message.ts"

/** What a worker process sends. */
export type WorkerMessage =
  | FromWorker
  /** The worker no longer listens, and exits once the primary has answered with the same message. */
  | { readonly type: "bye" }
  /** The handle of the server with this key in node:cluster did not arrive. */
  | { readonly type: "lost-handle"; readonly key: string }
  /** The worker has started a process with this identity (process-list.ts). */
  | { readonly type: "spawned"; readonly identity: string }
  /** How busy the worker is. */
  | ({ readonly type: "load" } & WorkerLoad)
  /** The worker begins to measure that. */
  | { readonly type: "load-unknown" }
  /** Whether the worker can serve clients, as its program says. */
  | { readonly type: "health"; readonly isHealthy: boolean }
  /** What the worker has measured and its program gives, each as its source gives it. Read in src/operator. */
  | { readonly type: "metrics"; readonly metrics: readonly unknown[] }

/** A message of a worker that no event for the core follows from. */
export type Aside = Exclude<WorkerMessage, FromWorker>

/** What the primary process sends. */
export type PrimaryMessage =
  | ToWorker
  /** A server of the worker listens. */
  | { readonly type: "listening" }
  /** The worker is to send its load. */
  | { readonly type: "send-load" }
  /** The worker is to send its metrics, and from now on by itself, too. */
  | { readonly type: "send-metrics" }
  /** The pool is about to stop: the responses of the worker end their connections from now on. */
  | { readonly type: "send-clients-elsewhere" }
  /** Everything that was handed to the worker before has been sent. */
  | { readonly type: "bye" }

const command = "NODE_KAMISAMA"

const amountOrNull: FieldRule = {
  rule: "a number, 0 or more, or null",
  fits: (value) => value === null || amount.fits(value),
}

const asides: Fields<Aside> = {
  bye: {},
  "lost-handle": { key: text },
  spawned: { identity: text },
  load: {
    loopUse: amount,
    lagMs: amount,
    connections: amount,
    requestsPerSecond: amountOrNull,
  },
  "load-unknown": {},
  health: { isHealthy: bool },
  metrics: { metrics: { rule: "a list", fits: (value) => Array.isArray(value) } },
}

const fromWorker: Fields<WorkerMessage> = {
  ...selfReportFields,
  "worker-failed": { during: oneOf({ run: true, shutdown: true, uncaught: true }), error: text },
  ...asides,
}

const stopCauses: { readonly [Cause in StopCause]: true } = {
  stop: true,
  "give-up": true,
  "scale-down": true,
  reload: true,
  recycle: true,
  "direct-signal": true,
  discard: true,
}

const fromPrimary: Fields<PrimaryMessage> = {
  run: { slot: positive, willListen: bool },
  "grant-leadership": {},
  stop: { signal: text, cause: oneOf(stopCauses) },
  listening: {},
  "send-load": {},
  "send-metrics": {},
  "send-clients-elsewhere": {},
  bye: {},
}

/** The form in which a message is sent. */
export function pack(message: WorkerMessage | PrimaryMessage): object {
  return { cmd: command, kamisama: message }
}

/** Whether no event for the core follows from a message. */
export function isAside(message: WorkerMessage): message is Aside {
  return isTypeIn(asides, message.type)
}

/** The message of a worker; undefined if it is none. */
export function unpackWorkerMessage(raw: unknown): WorkerMessage | undefined {
  return unpack(raw, fromWorker)
}

/** The message of the primary; undefined if it is none. */
export function unpackPrimaryMessage(raw: unknown): PrimaryMessage | undefined {
  return unpack(raw, fromPrimary)
}

function unpack<Message extends { readonly type: string }>(
  raw: unknown,
  known: Fields<Message>,
): Message | undefined {
  const message = isRecord(raw) && raw["cmd"] === command ? raw["kamisama"] : undefined
  if (!isRecord(message) || !isTypeIn(known, message["type"])) return undefined
  const unpacked: { [name: string]: unknown } = { type: message["type"] }
  for (const [name, { fits }] of Object.entries<FieldRule>(known[message["type"]])) {
    if (!fits(message[name])) return undefined
    unpacked[name] = message[name]
  }
  return unpacked as Message
}

function oneOf(names: object): FieldRule {
  return { rule: Object.keys(names).join(" or "), fits: (value) => isTypeIn(names, value) }
}
