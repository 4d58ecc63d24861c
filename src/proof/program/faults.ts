/**
 * The names of the faults and operator actions that a simulation adds to a program, so that each can be left out.
 */

/** What may happen to a program besides the actions that its user has added. */
export type Fault =
  /** A worker dies with code 1. */
  | "crash"
  /** A worker exits by itself, with code 0. */
  | "exit"
  /** A worker is killed, as by the out-of-memory killer. */
  | "kill"
  /** The event loop of a worker is blocked, briefly or beyond its timeout. */
  | "block"
  /** The channel between a worker and the primary closes. */
  | "channel-loss"
  /** A stop signal reaches one worker alone. */
  | "worker-signal"
  /** A worker's exit is reported late. */
  | "late-exit"
  /** The next fork fails. */
  | "fork-failure"
  /** The next worker takes seconds to boot. */
  | "slow-boot"
  /** The machine is suspended for a minute. */
  | "suspend"
  /** The primary gets a signal that scales up. */
  | "scale-up"
  /** The primary gets a signal that scales down. */
  | "scale-down"
  /** A call of `scale()`. */
  | "scale"
  /** A reload, by a signal or a call of `reload()`. */
  | "reload"
  /** A stop, by a signal to the primary or to all processes, or a call of `stop()`. */
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
