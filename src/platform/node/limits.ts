/**
 * The limits of the place where the program runs, as far as they can be known: how much time it has to stop, and how much memory
 * it may use.
 */
import type { LintEnvironment } from "../../core/lint/finding.ts"
import { quantityOf } from "../../core/plan/forms.ts"
import { nameOf, nodeOptions } from "./flags.ts"
import { runtime } from "./runtime.ts"

/** Tells how much time passes from the stop of the program to its kill: in seconds, or with a unit. */
export const graceVariable = "KAMISAMA_GRACE_SECONDS"

/** What the option checks are told of the place. */
type Limits = Pick<LintEnvironment, "grace" | "unreadableGrace" | "memory" | "heap">

/** The flags that this process itself runs with. The command adds those of its workers later. */
const ownFlags = new Set(process.execArgv)

const heapFlags = ["--max-old-space-size", "--max-semi-space-size", "--max-heap-size"]

/** How long a runtime may take to tell the size of its heap, in ms. */
const answerMs = 5_000

/**
 * What is known of the place, as the option checks look at it.
 *
 * @param workerFlags the flags that workers will run with.
 */
export function limits(workerFlags: readonly string[] = process.execArgv): Limits {
  const memory = memoryLimit()
  return {
    ...grace(),
    memory,
    heap: memory === undefined ? undefined : heapLimit(workerFlags),
  }
}

/**
 * The time from the stop of the program to its kill, if it was told. Nothing that runs programs tells it, so the files that
 * `kamisama init` prints set this variable beside the figure itself. That of systemd may be infinite.
 */
function grace(): Pick<Limits, "grace" | "unreadableGrace"> {
  const text = (process.env[graceVariable] ?? "").trim()
  if (text === "") return {}
  if (/^infinity$/i.test(text)) return { grace: Infinity }
  const ms = /^\d+(\.\d+)?$/.test(text) ? 1_000 * Number(text) : quantityOf(text, "ms")
  return ms === undefined ? { unreadableGrace: text } : { grace: ms }
}

/** How much memory the container has for all processes, in bytes; undefined if there is no limit below what the machine has. */
function memoryLimit(): number | undefined {
  const { totalmem } = process.getBuiltinModule("node:os")
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : undefined
}

/**
 * How large the heap of a worker may grow, in bytes; undefined if there is no such limit. V8 tells it only of the process that
 * asks. If the workers have other flags than this process, a short process with those flags asks for them.
 */
function heapLimit(workerFlags: readonly string[]): number | undefined {
  if (!runtime.limitsHeap) return undefined
  const flags = workerFlags.filter(isHeapFlag)
  if (flags.every((flag) => ownFlags.has(flag))) {
    return process.getBuiltinModule("node:v8").getHeapStatistics().heap_size_limit
  }
  const { spawnSync } = process.getBuiltinModule("node:child_process")
  const code = `require("node:v8").getHeapStatistics().heap_size_limit`
  // What else is in NODE_OPTIONS would load modules, or write to stdout.
  const env = { ...process.env, NODE_OPTIONS: nodeOptions().filter(isHeapFlag).join(" ") }
  const settings = { env, encoding: "utf8", timeout: answerMs } as const
  const bytes = Number(spawnSync(process.execPath, [...flags, "-p", code], settings).stdout)
  return bytes > 0 ? bytes : undefined
}

function isHeapFlag(word: string): boolean {
  const name = nameOf(word)
  return heapFlags.some((flag) => name.startsWith(flag))
}
