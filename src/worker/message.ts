/**
 * What a worker and its primary say to each other. Decides nothing; what arrives from outside is checked by the
 * platform that carries it (`isFromWorker`, `isToWorker`), so that neither side trips over a foreign or malformed one.
 */
import type { ShutdownReason } from "./program.ts"

/** From a worker to its primary. */
export type FromWorker =
  /** The script has reached `kamisama()`. */
  | { readonly type: "hello" }
  /** `run` has settled and returned nothing: the worker is ready at its first `listening`, or when it says so. */
  | { readonly type: "ran" }
  | { readonly type: "ready" }
  /** The event loop turns. */
  | { readonly type: "heartbeat" }
  /** The process takes so much memory. */
  | { readonly type: "measured"; readonly memoryBytes: number }
  /** The user's code has asked for another worker in the place of this one. */
  | { readonly type: "recycle" }
  /** The user's code has asked to be that of the only worker. */
  | { readonly type: "exclusive" }
  /** A signal that may mean a stop has reached this process. */
  | { readonly type: "signaled"; readonly signal: string }

/** From the primary to a worker. */
export type ToWorker =
  | { readonly type: "run" }
  /** It is the only one. */
  | { readonly type: "exclusive" }
  | { readonly type: "stop"; readonly signal: string; readonly cause: ShutdownReason }
