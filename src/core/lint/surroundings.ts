/**
 * Finds what goes wrong where the program runs: flags of the runtime, the pid of the primary, and a memory limit.
 */
import { describeBytes } from "../describe.ts"
import type { PlanOptions } from "../plan/options.ts"
import type { Plan } from "../plan/plan.ts"
import type { Finding, LintEnvironment } from "./finding.ts"

/** A flag that acts on a signal of the pool. Whoever wants its file also stops the pool, and the other way round. */
export function signalTakenTwice(
  { signals }: Plan,
  _given: PlanOptions,
  { signalFlags = {} }: LintEnvironment,
): Finding | undefined {
  const clashes = Object.entries(signalFlags).filter(
    ([, signal]) => (signals[signal] ?? "ignore") !== "ignore",
  )
  if (clashes.length === 0) return undefined
  const texts = clashes.map(
    ([flag, signal]) =>
      `${signal} means "${signals[signal]}" to the pool, and ${flag} writes a file at it, so both happen`,
  )
  return {
    rule: "signal-taken-twice",
    level: "warn",
    options: ["signals"],
    text: `${texts.join("; ")}. Give the flag another signal, or map this one to false.`,
  }
}

/** Processes without a parent become children of pid 1. No runtime knows of them, so nothing asks how they ended. */
export function noInit(
  _plan: Plan,
  _given: PlanOptions,
  { pid }: LintEnvironment,
): Finding | undefined {
  if (pid !== 1) return undefined
  return {
    rule: "no-init",
    level: "info",
    options: [],
    text: "the primary is pid 1, but it does not reap, so what a dead worker had started stays as a zombie. If workers start processes, use an init: docker run --init, init: true in Compose, or tini.",
  }
}

/** What a process of a runtime uses beside its heap, roughly, in bytes. */
const besideHeapBytes = 48 * 1_048_576

/** A heap is not worth a flag below this, in bytes. */
const smallestHeapBytes = 32 * 1_048_576

/**
 * Each worker believes that the memory of the container is its own. A heap that may still grow is not collected, and the kernel
 * kills one of the processes in the middle of a request.
 */
export function memoryBeyondLimit(
  { workers }: Plan,
  _given: PlanOptions,
  { memory = Infinity, heap = 0 }: LintEnvironment,
): Finding | undefined {
  if (workers * heap <= memory) return undefined
  const share = (memory - besideHeapBytes * (workers + 1)) / workers
  const advice =
    share >= smallestHeapBytes
      ? `Set NODE_OPTIONS=--max-old-space-size=${Math.floor(share / 1_048_576)}, or allow more memory.`
      : "Start fewer workers, or allow more memory."
  return {
    rule: "memory-beyond-limit",
    level: "info",
    options: ["workers"],
    text: `the heap of each worker may grow to ${describeBytes(heap)}, but ${workers} of them have ${describeBytes(memory)} together, so the kernel may kill one before its heap is collected. ${advice}`,
  }
}
