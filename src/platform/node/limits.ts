/**
 * The limits of the place where the program runs, as far as they can be known: how much time it has to stop, and how much memory
 * it may use.
 */
import type { LintEnvironment } from "../../core/lint/finding.ts"
import { runtime } from "./runtime.ts"

/** Tells how many seconds pass from the stop of the program to its kill. */
export const graceVariable = "KAMISAMA_GRACE_SECONDS"

/** What is known of the place, as the option checks look at it. */
export function limits(): Pick<LintEnvironment, "grace" | "memory" | "heap"> {
  return { grace: graceMs(), memory: memoryLimit(), heap: heapLimit() }
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

/** How large the heap of a worker may grow, in bytes: workers run with the flags of this process. Undefined if there is no such limit. */
function heapLimit(): number | undefined {
  if (!runtime.limitsHeap) return undefined
  return process.getBuiltinModule("node:v8").getHeapStatistics().heap_size_limit
}
