/**
 * The type of `context.signal`: that of the runtime, or, where a program is compiled without the types of any, what is
 * the same in all.
 */

/** The AbortSignal of the runtime. */
export type RuntimeAbortSignal = typeof globalThis extends {
  AbortSignal: { prototype: infer Signal }
}
  ? Signal
  : CommonAbortSignal

/** What the AbortSignals of all runtimes have. */
export interface CommonAbortSignal {
  /** Whether it was aborted. */
  readonly aborted: boolean
  /** Why it was. */
  readonly reason: unknown
  /** Throws the reason if it was aborted. */
  throwIfAborted(): void
  /** Calls back when it is aborted. */
  addEventListener(type: "abort", listener: () => void): void
  /** Takes that back. */
  removeEventListener(type: "abort", listener: () => void): void
}
