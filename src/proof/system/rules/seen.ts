/**
 * What the rules see of a process: what its program is called for, what reaches it, and how it ends.
 */
import type { WorkerReport } from "../../../platform/platform.ts"
import type { StopCause } from "../../../core/state.ts"
import type { ShutdownReason } from "../../../worker/program.ts"

/** How a process has exited. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

export type Seen =
  | { readonly type: "called-run" }
  | { readonly type: "called-shutdown" }
  /** Its own listeners to the signal. */
  | { readonly type: "called-listeners" }
  /** Its primary has sent the order to stop. */
  | { readonly type: "asked-to-stop" }
  /** The order, or the end of the primary, has reached it. */
  | { readonly type: "told-to-stop"; readonly cause: StopCause | ShutdownReason }
  | { readonly type: "became-leader" }
  /** The program has asked to be the leader. */
  | { readonly type: "asked-to-lead" }
  | { readonly type: "run-settled"; readonly returned: "something" | "nothing" }
  /** `isAbort`: with the reason of the signal that it has read. */
  | { readonly type: "run-failed"; readonly isAbort: boolean }
  /** `shutdown` has failed, a server cannot listen, or there was nothing to do where that is a failure. */
  | { readonly type: "failed" }
  /** Nothing keeps the process alive, and that ends it. */
  | { readonly type: "was-idle" }
  | { readonly type: "signaled-alone" }
  /** `context.signal` is aborted. */
  | { readonly type: "began-stopping" }
  | { readonly type: "began-closing"; readonly closes: "drain" | "close-returned" }
  /** It gives its own listeners time until then. */
  | { readonly type: "watches-listeners"; readonly until: number }
  /** During its stop the program has ended its process (`exit`), or nothing keeps it alive any more (`idle`). */
  | { readonly type: "said-done"; readonly how: "exit" | "idle" }
  /** It sends the error of its program. */
  | { readonly type: "sends-failure" }
  /** Its time is over. */
  | { readonly type: "overdue" }
  | { readonly type: "blocked" }
  /** A request has begun. */
  | { readonly type: "accepted" }
  | { readonly type: "reported"; readonly fact: WorkerReport["type"] }
  /** The program has ended. The process is gone at that time at the latest. */
  | { readonly type: "exits"; readonly code: number; readonly endsBy: number }
  /** It ends by itself. `flushed`: what it has written has arrived. */
  | { readonly type: "leaves"; readonly from: "flushed" | "unflushed" }
  | { readonly type: "died"; readonly exit: Exit; readonly by: CauseOfDeath }

/**
 * Who has ended a process: its own exit, the same when its time was over (`late`) or where the program gives up (`at-once`), a
 * crash, a signal, its primary, the reaper or somebody else by SIGKILL.
 */
export type CauseOfDeath =
  "exit" | "late" | "at-once" | "crash" | "signal" | "primary" | "reaper" | "outside" | "channel"
