/**
 * What may happen in a system besides what must: the program of the workers, what goes wrong, and who asks for what.
 */

/** The bounds of a search. */
export interface SystemBounds {
  /**
   * Whether anything may happen between two deliveries. If not, what is under way arrives at once and in the order of the
   * processes, and everything else happens before or after all of it.
   */
  readonly interleaves: boolean
  readonly program: ProgramBounds
  /** Whether the operator asks for reloads. */
  readonly reloads: boolean
  /** To how many workers the operator scales at most; 0 if not at all. */
  readonly scalesTo: number
  /** Whether a stop signal is sent to the primary alone. */
  readonly stops: boolean
  /** Whether a stop signal is sent to a worker alone. */
  readonly signalsWorkers: boolean
  /** Whether a stop signal is sent to the whole group. */
  readonly signalsGroup: boolean
  /** Whether the primary is killed. */
  readonly killsPrimary: boolean
  /** Whether the reaper is killed. */
  readonly killsReaper: boolean
  /** Whether a worker is killed from outside. */
  readonly killsWorkers: boolean
  /** Whether a channel closes while both ends live. */
  readonly breaksChannels: boolean
  /** Whether a channel brings a message twice, or before an earlier one. */
  readonly repeatsMessages: boolean
  /** Whether a fork fails. */
  readonly failsForks: boolean
  /** Who takes in connections: nobody, the primary in turn, or the workers. */
  readonly connections: "none" | "handed" | "own"
}

/** What the program of the workers is, and what it may do. */
export interface ProgramBounds {
  /** Whether `shutdown` was given. */
  readonly hasShutdown: boolean
  /** Whether it listens to the stop signal itself. */
  readonly listens: boolean
  /** Whether it has read `context.signal`. */
  readonly takesSignal: boolean
  /** Whether `run` may stay pending forever, in a stop too. */
  readonly runHangs: boolean
  /** Whether `run` and `shutdown` may fail. */
  readonly fails: boolean
  /** Whether the process may end by itself with code 1, at any moment. */
  readonly crashes: boolean
  /** Whether it may block its event loop, for as long as it likes. */
  readonly blocks: boolean
  /** Whether `run` may return nothing, and a server may listen later or never. */
  readonly returnsNothing: boolean
  /** Whether it is a failure to have nothing to do. */
  readonly failsIfIdle: boolean
  /** Whether it may ask for a replacement. */
  readonly recycles: boolean
  /** Whether it may ask to be the leader. */
  readonly elects: boolean
  /** The exit code that it has set. Default: 0. */
  readonly exitCode?: number
}

/** Nothing but a program that runs, and stops when it is asked to. */
export const nothingElse: SystemBounds = {
  interleaves: true,
  program: {
    hasShutdown: true,
    listens: false,
    takesSignal: false,
    runHangs: false,
    fails: false,
    crashes: false,
    blocks: false,
    returnsNothing: false,
    failsIfIdle: false,
    recycles: false,
    elects: false,
  },
  reloads: false,
  scalesTo: 0,
  stops: true,
  signalsWorkers: false,
  signalsGroup: false,
  killsPrimary: false,
  killsReaper: false,
  killsWorkers: false,
  breaksChannels: false,
  repeatsMessages: false,
  failsForks: false,
  connections: "none",
}
