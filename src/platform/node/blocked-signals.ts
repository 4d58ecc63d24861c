/**
 * Unblocks signals that the parent of this process blocked. A process inherits its blocked signals, and would never receive
 * a SIGTERM. Node and Bun unblock them on their own. On Deno it takes a call of the C library.
 */
import { writeWarning } from "./output.ts"
import { nativeCode } from "./runtime.ts"

/** SIG_UNBLOCK of Linux on every processor except MIPS and SPARC, which Deno does not run on. */
const unblock = 1

/** No sigset_t has more bytes. */
const setBytes = 128

/** Unblocks the signals that are blocked, or prints that they cannot be received. */
export function unblockSignals(signals: readonly string[]): void {
  const native = nativeCode()
  if (native === undefined || process.platform !== "linux") return
  const numbers: { readonly [signal: string]: number } =
    process.getBuiltinModule("node:os").constants.signals
  const blocked = blockedMask()
  const set = new Uint8Array(setBytes)
  const names = signals.filter((signal) => {
    const bit = (numbers[signal] ?? 0) - 1
    if (bit < 0 || ((blocked >> BigInt(bit)) & 1n) === 0n) return false
    set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7))
    return true
  })
  if (names.length === 0) return
  try {
    const library = native({
      pthread_sigmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
    })
    library["pthread_sigmask"]?.(unblock, set, null)
  } catch {
    const [are, them] = names.length === 1 ? ["is", "it"] : ["are", "them"]
    const why = `${names.join(", ")} ${are} blocked by the process that started this one`
    writeWarning(`${why}, so kamisama cannot receive ${them}.`)
  }
}

/** The blocked signals as a bit mask. The lowest bit is signal 1. */
function blockedMask(): bigint {
  try {
    const text = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf8")
    const [, mask = "0"] = /^SigBlk:\s*([0-9a-f]+)$/m.exec(text) ?? []
    return BigInt(`0x${mask}`)
  } catch {
    return 0n
  }
}
