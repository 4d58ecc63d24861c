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

const mebibyte = 1_048_576

/** What a process of a runtime uses beside its heap, roughly, in bytes. */
const besideHeapBytes = 48 * mebibyte

/** A heap is not worth a flag below this, in MiB. */
const smallestHeap = 48

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
  const share = Math.floor((memory - besideHeapBytes * (workers + 1)) / workers / mebibyte)
  const fitting = Math.floor(memory / heap)
  const ways = [
    share >= smallestHeap ? [`give the runtime ${heapFlags(share)}`] : [],
    fitting >= 1 ? [`set workers to at most ${fitting}`] : [],
    share >= smallestHeap ? [] : ["allow more memory"],
  ].flat()
  const advice = ways.join(", or ")
  const there =
    workers === 1
      ? `it has ${describeBytes(memory)}, so the kernel may kill it`
      : `${workers} of them have ${describeBytes(memory)} together, so the kernel may kill one`
  return {
    rule: "memory-beyond-limit",
    level: "info",
    options: ["workers"],
    text: `the heap of each worker may grow to ${describeBytes(heap)}, but ${there} before its heap is collected. ${advice.charAt(0).toUpperCase()}${advice.slice(1)}.`,
  }
}

/**
 * The flags for a heap of this size. V8 adds three semi-spaces to the old space. How large they are by default depends on the
 * version and on the memory: from 1 to 64 MiB. So the flags say both. Semi-spaces are powers of two, and get a quarter at most.
 */
export function heapFlags(mebibytes: number): string {
  const semi = [16, 8, 4].find((size) => 12 * size <= mebibytes) ?? 4
  return `--max-old-space-size=${mebibytes - 3 * semi} --max-semi-space-size=${semi}`
}
