/**
 * The type of `context.signal`: the runtime's own AbortSignal. A program compiled without the types of a runtime gets the
 * part that all runtimes share.
 */

/** The AbortSignal of the runtime. */
export type RuntimeAbortSignal = typeof globalThis extends {
  AbortSignal: { prototype: infer Signal }
}
  ? Signal
  : CommonAbortSignal

/** The part of AbortSignal that all runtimes share. */
export interface CommonAbortSignal {
  /** Whether the signal was aborted. */
  readonly aborted: boolean
  /** Why the signal was aborted. */
  readonly reason: unknown
  /** Throws the reason if the signal was aborted. */
  throwIfAborted(): void
  /** Calls back when the signal is aborted. */
  addEventListener(type: "abort", listener: () => void): void
  /** Removes a listener. */
  removeEventListener(type: "abort", listener: () => void): void
}
