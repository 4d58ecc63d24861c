/**
 * Whether what a test asks for can be simulated. A slip in a script would otherwise leave a test green that tests
 * nothing: a worker that was to ignore the stop would obey. Decides nothing else.
 */
import { check as checkOption, isRecord } from "../../core/plan/checks.ts"
import { isSignal } from "../../core/plan/plan.ts"
import { suggestion } from "../../core/plan/suggestion.ts"

type Fields = { readonly [name: string]: unknown }

const platformOptions = [
  "workers",
  "clock",
  "boot",
  "cores",
  "webConcurrency",
  "seed",
  "reusePids",
  "system",
  "cannotLeaveWorkers",
]

const moments: readonly unknown[] = ["fork", "run", "ready", undefined]

/**
 * Checks the options of a simulated operating system, but for its scripts.
 *
 * @throws {TypeError} where a name is unknown or a type is wrong. @throws {RangeError} where a value cannot be meant.
 */
export function checkPlatformOptions(options: unknown): void {
  check(isRecord(options), TypeError, "options", "an object", options)
  checkNames("", options, platformOptions)
  const { clock, boot, cores, webConcurrency, seed, reusePids, system, cannotLeaveWorkers } =
    options
  const isClock = clock === undefined || clock === "own" || clock === "global" || isRecord(clock)
  check(isClock, TypeError, "clock", `"own", "global" or a clock of @sinonjs/fake-timers`, clock)
  checkMs("boot", boot)
  const coresRule = "a positive integer"
  check(cores === undefined || typeof cores === "number", TypeError, "cores", coresRule, cores)
  const areCores = cores === undefined || (Number.isSafeInteger(cores) && cores >= 1)
  check(areCores, RangeError, "cores", coresRule, cores)
  const isSeed = seed === undefined || Number.isSafeInteger(seed)
  check(isSeed, TypeError, "seed", "an integer", seed)
  const areReused = reusePids === undefined || typeof reusePids === "boolean"
  check(areReused, TypeError, "reusePids", "a boolean", reusePids)
  const systems: readonly unknown[] = ["posix", "windows", undefined]
  check(systems.includes(system), RangeError, "system", `"posix" or "windows"`, system)
  checkText("webConcurrency", webConcurrency, "a text, as the environment has it")
  checkText("cannotLeaveWorkers", cannotLeaveWorkers, "a text that says why")
}

/**
 * Checks a script.
 *
 * @throws {TypeError} where a name is unknown or a type is wrong. @throws {RangeError} where a value cannot be meant.
 */
export function checkScript(script: unknown): void {
  const names = ["boot", "ready", "dies", "hangs", "stop", "channelCloses", "forkError"]
  names.push("memory", "recycles", "exitReportedAfter")
  check(isRecord(script), TypeError, "workers", "a script, an array of them or a function", script)
  checkNames("", script, names)
  const { boot, ready, dies, hangs, stop, channelCloses, forkError, exitReportedAfter } = script
  if (boot !== false) checkMs("boot", boot, " or false")
  if (ready !== false) checkMs("ready", ready, " or false")
  checkMs("exitReportedAfter", exitReportedAfter)
  checkText("forkError", forkError, `a text such as "EAGAIN"`)
  if (dies !== undefined) checkDeath(dies)
  const { memory, recycles } = script
  if (memory !== undefined) checkMemory(memory)
  if (recycles !== undefined) checkMoment("recycles", recycles, ["after", "since"])
  if (hangs !== undefined) checkMoment("hangs", hangs, ["after", "since"])
  if (channelCloses !== undefined) checkMoment("channelCloses", channelCloses, ["after", "since"])
  if (stop === undefined || stop === "ignore") return
  check(isRecord(stop), TypeError, "stop", `"ignore" or an object with after and code`, stop)
  checkNames("stop.", stop, ["after", "code"])
  checkMs("stop.after", stop["after"])
  checkCode("stop.code", stop["code"])
}

function checkMemory(memory: unknown): void {
  const names = ["atFirst", "perSecond"]
  check(isRecord(memory), TypeError, "memory", `an object with ${names.join(", ")}`, memory)
  checkNames("memory.", memory, names)
  for (const name of names) {
    const value = memory[name]
    if (value === undefined) continue
    const rule = "a number of bytes, 0 or more"
    check(typeof value === "number", TypeError, `memory.${name}`, rule, value)
    check(value >= 0 && Number.isFinite(value), RangeError, `memory.${name}`, rule, value)
  }
}

function checkDeath(dies: unknown): void {
  checkEnd("dies.", checkMoment("dies", dies, ["after", "since", "code", "signal"]))
}

/** How a process ends: by a code or by a signal. */
function checkEnd(prefix: string, { code, signal }: Fields): void {
  checkCode(`${prefix}code`, code)
  const isOne = signal === undefined || isSignal(signal)
  check(isOne, RangeError, `${prefix}signal`, "the name of a signal", signal)
  const isAlone = code === undefined || signal === undefined
  check(isAlone, RangeError, `${prefix}code`, `left out where "${prefix}signal" is given`, code)
}

/** @throws {TypeError} where a name is unknown or a type is wrong. @throws {RangeError} where a value cannot be meant. */
export function checkCrash(how: unknown): void {
  check(isRecord(how), TypeError, "how", "an object with code or signal", how)
  checkNames("", how, ["code", "signal"])
  checkEnd("", how)
}

/** @throws {RangeError} where there is no such signal: it would do what no signal does. */
export function checkSignal(name: unknown): void {
  check(isSignal(name), RangeError, "signal", "the name of a signal", name)
}

/** @throws {RangeError} where it is neither. */
export function checkFirst(first: unknown): void {
  const isOne = first === "primary" || first === "workers"
  check(isOne, RangeError, "first", `"primary" or "workers"`, first)
}

function checkMoment(name: string, given: unknown, names: readonly string[]): Fields {
  check(isRecord(given), TypeError, name, `an object with ${names.join(", ")}`, given)
  checkNames(`${name}.`, given, names)
  const { after, since } = given
  check(after !== undefined, TypeError, `${name}.after`, "given, in milliseconds", after)
  checkMs(`${name}.after`, after)
  check(moments.includes(since), RangeError, `${name}.since`, `"fork", "run" or "ready"`, since)
  return given
}

function checkText(name: string, value: unknown, rule: string): void {
  check(value === undefined || typeof value === "string", TypeError, name, rule, value)
}

function checkMs(name: string, value: unknown, orElse = ""): void {
  if (value === undefined) return
  const rule = `a number of milliseconds, 0 or more${orElse}`
  check(typeof value === "number", TypeError, name, rule, value)
  check(value >= 0 && Number.isFinite(value), RangeError, name, rule, value)
}

function checkCode(name: string, value: unknown): void {
  if (value === undefined) return
  const rule = "an exit code from 0 to 255"
  check(typeof value === "number", TypeError, name, rule, value)
  check(Number.isInteger(value) && value >= 0 && value <= 255, RangeError, name, rule, value)
}

function checkNames(prefix: string, given: Fields, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = suggestion(name, known)
    const hint = meant === undefined ? "" : `; did you mean "${prefix}${meant}"?`
    throw new TypeError(`Cannot simulate as "${prefix}${name}" means nothing here${hint}`)
  }
}

function check(
  condition: boolean,
  Kind: typeof TypeError | typeof RangeError,
  name: string,
  rule: string,
  value: unknown,
): asserts condition {
  checkOption(condition, Kind, name, rule, value, "simulate")
}
