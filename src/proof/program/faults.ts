/**
 * The names of what may happen to a program beside what its user has added, so that it can be left out. Decides nothing.
 */

/** What may happen beside what the user has added. */
export type Fault =
  /** A worker dies with code 1. */
  | "crash"
  /** A worker ends by itself, with code 0. */
  | "exit"
  /** A worker is killed, as for want of memory. */
  | "kill"
  /** The event loop of a worker is blocked, briefly or beyond its timeout. */
  | "block"
  /** The channel between a worker and the primary closes. */
  | "channel-loss"
  /** A signal that means a stop reaches one worker alone. */
  | "worker-signal"
  /** The primary learns late of a worker's end. */
  | "late-exit"
  /** The next fork fails. */
  | "fork-failure"
  /** The next worker takes seconds to boot. */
  | "slow-boot"
  /** The machine is suspended for a minute. */
  | "suspend"
  | "scale-up"
  | "scale-down"
  | "scale"
  /** The program is loaded anew, by a signal that means it or a call of `reload()`. */
  | "reload"
  /** A stop signal, to the primary or to all, or a call of `stop()`. */
  | "stop"
  /** The primary is killed. */
  | "primary-death"

export const faults: readonly Fault[] = [
  "crash",
  "exit",
  "kill",
  "block",
  "channel-loss",
  "worker-signal",
  "late-exit",
  "fork-failure",
  "slow-boot",
  "suspend",
  "scale-up",
  "scale-down",
  "scale",
  "reload",
  "stop",
  "primary-death",
]
