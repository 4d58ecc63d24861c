/**
 * Says that connections find no file descriptor, in a worker or in the primary. Otherwise clients would wait or be reset
 * without a word: the operating system tells nobody.
 */
import { logLine } from "../../core/log-line.ts"
import { now } from "./clock.ts"
import { writeError, writeWarning } from "./output.ts"

/** How long nothing is said again. */
const quietMs = 60_000

/** How far apart the looks at a full primary are. */
const lookMs = 1_000

const saidAt = { primary: -Infinity, worker: -Infinity }

let limit: number | undefined
let isWatching = false

/** How many descriptors this process may have open; Infinity if that is not known. */
export function descriptorLimit(): number {
  limit ??= readLimit()
  return limit
}

/** A worker could not take a connection. @param name the worker in a line of the log. */
export function sayWorkerIsFull(name: string): void {
  if (!isDue("worker")) return
  writeWarning(
    `${name}: no file descriptor is left there for a connection${limitText()}. Connections wait until one is, or another worker takes them. ${advice}`,
  )
}

/**
 * The primary has accepted a connection, and it got this descriptor. The lowest one that is free is given, so before none
 * is left there was a high one.
 */
export function noteDescriptor(descriptor: number | undefined): void {
  if (descriptor === undefined || isWatching || descriptor < 0.75 * descriptorLimit()) return
  isWatching = true
  setTimeout(look, lookMs).unref()
}

function look(): void {
  isWatching = isFull()
  if (!isWatching) return
  if (isDue("primary")) {
    const text = `nobody is served: no file descriptor is left in the primary${limitText()}, because connections wait there that no worker takes. New ones are reset, and no worker can be started. Are workers blocked (heartbeatTimeout), or out of descriptors? ${advice}`
    writeError(logLine("error", text))
  }
  setTimeout(look, lookMs).unref()
}

const advice = "Raise the limit, or close idle connections sooner (keepAliveTimeout)."

function limitText(): string {
  return descriptorLimit() === Infinity ? "" : ` (ulimit -n ${descriptorLimit()})`
}

function isDue(who: keyof typeof saidAt): boolean {
  const at = now()
  if (at - saidAt[who] < quietMs) return false
  saidAt[who] = at
  return true
}

/** Whether this process can open nothing more. */
function isFull(): boolean {
  const { closeSync, openSync } = process.getBuiltinModule("node:fs")
  try {
    closeSync(openSync("/dev/null", "r"))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EMFILE"
  }
}

function readLimit(): number {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs")
    const limits = readFileSync("/proc/self/limits", "utf8")
    const [, most] = /^Max open files +(\d+)/m.exec(limits) ?? []
    return Number(most) || Infinity
  } catch {
    return Infinity
  }
}
