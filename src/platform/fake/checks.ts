/**
 * Checks what a test asks of a simulated operating system. A slip in a script would otherwise leave a test green that tests
 * nothing: a worker that was to ignore the stop would obey.
 */
import { check, checkOptions, type Form, isRecord, wrong } from "../../core/plan/checks.ts"
import {
  anything,
  boolean,
  either,
  integer,
  number,
  oneOf,
  orFalse,
  positive,
  record,
  seed,
  span,
  text,
} from "../../core/plan/forms.ts"
import { signalName } from "../../core/plan/signals.ts"

const platformFields = {
  workers: anything,
  clock: either(`"own", "global" or a clock of @sinonjs/fake-timers`, oneOf(["own", "global"]), {
    ...anything,
    hasType: isRecord,
  }),
  boot: span,
  cores: positive,
  webConcurrency: text("a text, as in the environment"),
  seed,
  reusePids: boolean,
  successor: record({ ready: orFalse(span), dies: span, stop: orFalse(span) }, "{ ready: 500 }"),
  system: oneOf(["posix", "windows"]),
  cannotLeaveWorkers: text("a text that says why"),
}

const naming = { noun: "script field" }
const exitCode = integer(0, 255, "an exit code from 0 to 255")
const amount = number(
  (value) => value >= 0 && value < Infinity,
  "a number of bytes, 0 or more",
  "bytes",
)
const moment = { after: { ...span, isRequired: true }, since: oneOf(["fork", "run", "ready"]) }
const end = { code: exitCode, signal: signalName }
const ofMoment = record(moment, "{ after: 50 }", naming)
const ofDeath = record({ ...moment, ...end }, "{ after: 50 }", naming)

const scriptFields = {
  boot: orFalse(span),
  ready: orFalse(span),
  dies: {
    ...ofDeath,
    inside(caller: string, name: string, value: unknown) {
      ofDeath.inside?.(caller, name, value)
      checkOneEnd(caller, value, `${name}.`)
    },
  },
  hangs: ofMoment,
  stop: either(
    `"ignore" or an object such as { after: 50, code: 0 }`,
    oneOf(["ignore"]),
    record({ after: span, code: exitCode }, "{ after: 50, code: 0 }", naming),
  ),
  channelCloses: ofMoment,
  forkError: text(`a text such as "EAGAIN"`),
  memory: record({ atFirst: amount, perSecond: amount }, "{ atFirst: 2 ** 27 }", naming),
  requestsPerSecond: number((value) => value >= 0 && value < Infinity, "a number, 0 or more"),
  recycles: ofMoment,
  exitReportedAfter: span,
}

/**
 * Checks the options of `fakePlatform()` except for its scripts.
 *
 * @throws {TypeError} if a name is unknown or a type is wrong. @throws {RangeError} if a value breaks its rule.
 */
export function checkPlatformOptions(options: unknown): void {
  checkOptions("fakePlatform", options, platformFields)
}

/** Checks a script. @throws like `checkPlatformOptions`. */
export function checkScript(script: unknown): void {
  check("fakePlatform", "workers", ofScript, script)
  checkOptions("fakePlatform", script, scriptFields, naming)
}

const ofScript: Form = {
  ...anything,
  rule: "a script, an array of scripts or a function",
  hasType: isRecord,
}

/** Checks how a worker crashes. @throws like `checkPlatformOptions`. */
export function checkCrash(how: unknown): void {
  checkOptions("os.crash", how, end)
  checkOneEnd("os.crash", how, "")
}

/** A process ends by a code or by a signal. */
function checkOneEnd(caller: string, how: unknown, prefix: string): void {
  if (!isRecord(how) || how["code"] === undefined || how["signal"] === undefined) return
  const rule = `"${prefix}code" must be left out if "${prefix}signal" is given`
  throw wrong(RangeError, caller, rule, how["code"])
}

/** Checks the name of a signal. @throws {RangeError} if there is no such signal, because nothing would happen. */
export function checkSignal(caller: string, name: unknown): void {
  check(caller, "signal", signalName, name)
}

/** Checks the order of a group signal. @throws like `checkPlatformOptions`. */
export function checkFirst(first: unknown): void {
  check("os.signalGroup", "first", oneOf(["primary", "workers"]), first)
}

/** Checks a span of simulated time. @throws like `checkPlatformOptions`. */
export function checkSpan(caller: string, name: string, ms: unknown): void {
  check(caller, name, span, ms)
}
