/**
 * How the two sides' messages look on the IPC channel of Node, and which ones are taken for ours.
 *
 * Each carries a `cmd` that begins with NODE_: Node delivers such a message as `internalMessage` and not as `message`,
 * so the user's own listeners, on either side, never see ours. A runtime that does not know the convention delivers it
 * as `message`, and it is understood there too. Whatever is not exactly of our form is somebody else's and is ignored:
 * nothing that arrives on the channel may end a process.
 */
import { isRecord } from "../../core/plan/checks.ts"
import type { StopCause } from "../../core/state.ts"
import type { FromWorker, ToWorker } from "../../worker/message.ts"
import type { WorkerFailure } from "../../worker/host.ts"

/** What a worker's process says, beside the messages of the worker's side itself. */
export type WorkerMessage =
  | FromWorker
  | {
      readonly type: "failed"
      readonly during: WorkerFailure["during"]
      readonly error: string
    }
  /** It listens no more and is about to exit; it waits for the answer. */
  | { readonly type: "bye" }
  /** The server that has this key in node:cluster came without its handle. */
  | { readonly type: "lost-handle"; readonly key: string }

/** What the primary's process says. */
export type PrimaryMessage =
  | ToWorker
  /** A server of the worker listens. */
  | { readonly type: "listening" }
  /** Everything that was handed to the worker before has been sent. */
  | { readonly type: "bye" }

const command = "NODE_KAMISAMA"

/** The form in which a message is sent. */
export function pack(message: WorkerMessage | PrimaryMessage): object {
  return { cmd: command, kamisama: message }
}

/** What a worker said; undefined where it was not said to us. */
export function unpackWorkerMessage(raw: unknown): WorkerMessage | undefined {
  const message = unpack(raw)
  switch (message?.["type"]) {
    case "hello":
    case "ran":
    case "ready":
    case "heartbeat":
    case "recycle":
    case "exclusive":
    case "bye":
      return { type: message["type"] }
    case "measured": {
      const { memoryBytes } = message
      return typeof memoryBytes === "number" && memoryBytes >= 0
        ? { type: "measured", memoryBytes }
        : undefined
    }
    case "signaled": {
      const { signal } = message
      return typeof signal === "string" ? { type: "signaled", signal } : undefined
    }
    case "lost-handle": {
      const { key } = message
      return typeof key === "string" ? { type: "lost-handle", key } : undefined
    }
    case "failed": {
      const { during, error } = message
      if ((during !== "run" && during !== "shutdown") || typeof error !== "string") return undefined
      return { type: "failed", during, error }
    }
    default:
      return undefined
  }
}

/** What the primary said; undefined where it was not said to us. */
export function unpackPrimaryMessage(raw: unknown): PrimaryMessage | undefined {
  const message = unpack(raw)
  switch (message?.["type"]) {
    case "run":
    case "exclusive":
    case "listening":
    case "bye":
      return { type: message["type"] }
    case "stop": {
      const { signal, cause } = message
      return typeof signal === "string" && isStopCause(cause)
        ? { type: "stop", signal, cause }
        : undefined
    }
    default:
      return undefined
  }
}

const stopCauses: { readonly [Cause in StopCause]: true } = {
  stop: true,
  "give-up": true,
  "scale-down": true,
  reload: true,
  recycle: true,
  "direct-signal": true,
}

function isStopCause(value: unknown): value is StopCause {
  return typeof value === "string" && Object.hasOwn(stopCauses, value)
}

function unpack(raw: unknown): { readonly [name: string]: unknown } | undefined {
  return isRecord(raw) && raw["cmd"] === command && isRecord(raw["kamisama"])
    ? raw["kamisama"]
    : undefined
}
