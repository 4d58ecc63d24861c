/**
 * The limits of the place where the program runs, as far as they can be known: how much time it has to stop, and how much memory
 * it may use.
 */
import type { LintEnvironment } from "../../core/lint/finding.ts"
import { nameOf, nodeOptions } from "./flags.ts"
import { runtime } from "./runtime.ts"

/** Tells how many seconds pass from the stop of the program to its kill. */
export const graceVariable = "KAMISAMA_GRACE_SECONDS"

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
export function limits(
  workerFlags: readonly string[] = process.execArgv,
): Pick<LintEnvironment, "grace" | "memory" | "heap"> {
  const memory = memoryLimit()
  return {
    grace: graceMs(),
    memory,
    heap: memory === undefined ? undefined : heapLimit(workerFlags),
  }
}

/**
 * The ms from the stop of the program to its kill; undefined if nobody has said. Nothing that runs programs tells them, so the files
 * that `kamisama init` prints set this variable beside the figure itself.
 */
function graceMs(): number | undefined {
  const given = process.env[graceVariable]
  const seconds = Number(given)
  return given === undefined || given === "" || !(seconds >= 0) ? undefined : 1_000 * seconds
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
