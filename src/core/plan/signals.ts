/**
 * The signals that a pool may handle, and what each does.
 */
import { check, type Form, isRecord, withAdvice } from "./checks.ts"
import { oneOf, orFalse } from "./forms.ts"
import { suggestion } from "./suggestion.ts"

/** What a signal to the primary does. */
export type SignalAction = "stop" | "reload" | "upgrade" | "scale-up" | "scale-down" | "ignore"

/** The signals that are handled, each with its action. */
export interface SignalMap {
  /** What the signal does. */
  readonly [signal: string]: SignalAction
}

const defaultSignals: SignalMap = {
  SIGINT: "stop",
  SIGTERM: "stop",
  SIGHUP: "stop",
  SIGBREAK: "stop",
  SIGUSR2: "stop",
  SIGTTIN: "scale-up",
  SIGTTOU: "scale-down",
}

const actions: readonly SignalAction[] = [
  "stop",
  "reload",
  "upgrade",
  "scale-up",
  "scale-down",
  "ignore",
]

/** What others call the actions. */
const action: Form = orFalse(
  oneOf(actions, {
    stop: ["shutdown", "quit", "exit", "kill"],
    reload: ["restart"],
    upgrade: ["takeover"],
    "scale-up": ["up"],
    "scale-down": ["down"],
  }),
  `${actions.map((name) => `"${name}"`).join(", ")} or false`,
)

/** Signals to which a program may give a meaning of its own. */
const mappable = Object.keys(defaultSignals).concat(
  ["SIGQUIT", "SIGCONT", "SIGTSTP", "SIGWINCH", "SIGALRM", "SIGVTALRM", "SIGURG", "SIGIO"],
  ["SIGPWR", "SIGXCPU", "SIGXFSZ"],
)

const crash = "reports a fault from which no program recovers"

/** Signals that exist but cannot be mapped, with the reason. */
const refused: { readonly [signal: string]: string } = {
  SIGKILL: "cannot be caught",
  SIGSTOP: "cannot be caught",
  SIGUSR1: "belongs to the debugger of the runtime",
  SIGPROF: "belongs to the profiler of the runtime",
  SIGCHLD: "tells the runtime that a process has exited",
  SIGPIPE: "is ignored by the runtime, and fatal once a program has listened to it",
  SIGSEGV: crash,
  SIGBUS: crash,
  SIGILL: crash,
  SIGFPE: crash,
  SIGABRT: crash,
  SIGTRAP: crash,
  SIGSYS: crash,
}

/** A map from signals to actions. */
export const signalMap: Form = {
  rule: `an object such as { SIGHUP: "reload" }`,
  hasType: isRecord,
  fits: () => true,
  inside(caller, name, value) {
    for (const [signal, given] of Object.entries(value as object)) {
      if (given === undefined) continue
      checkMappable(caller, name, signal)
      check(caller, `${name}.${signal}`, action, given)
    }
  },
}

/** The name of a signal. */
export const signalName: Form = {
  rule: "the name of a signal",
  hasType: () => true,
  fits: (name) => typeof name === "string" && isSignal(name),
  advise: (name) => signalMeant(name, mappable.concat(Object.keys(refused))),
}

/** The signals as a user maps them. */
export interface SignalOptions {
  /** What the signal does; false leaves it to the program. */
  readonly [signal: string]: SignalAction | false | undefined
}

/** The map of a user over the default; `false` takes a signal out. */
export function signalsFrom(mapped: SignalOptions): SignalMap {
  const signals: { [signal: string]: SignalAction } = { ...defaultSignals }
  for (const [signal, given] of Object.entries(mapped)) {
    if (given === false) delete signals[signal]
    else if (given !== undefined) signals[signal] = given
  }
  return signals
}

/** The signals with that meaning, in the order of the map. */
export function signalsFor(signals: SignalMap, action: SignalAction): readonly string[] {
  return Object.keys(signals).filter((signal) => signals[signal] === action)
}

function isSignal(name: string): boolean {
  return mappable.includes(name) || Object.hasOwn(refused, name)
}

function checkMappable(caller: string, name: string, signal: string): void {
  if (mappable.includes(signal)) return
  if (Object.hasOwn(refused, signal)) {
    throw new RangeError(`${caller}: "${name}" must not map ${signal}: it ${refused[signal]}`)
  }
  const text = `${caller}: unknown signal "${signal}"`
  throw new RangeError(withAdvice(text, signalMeant(signal, mappable)))
}

/** People leave out the SIG. */
function signalMeant(given: unknown, known: readonly string[]): string | undefined {
  if (typeof given !== "string") return undefined
  const prefixed = `SIG${given.toUpperCase()}`
  const meant = known.includes(prefixed) ? prefixed : suggestion(given, known)
  return meant && `Did you mean "${meant}"?`
}
