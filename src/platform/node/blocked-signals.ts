/**
 * Lets in the signals that whoever has started this process has blocked: a process inherits that, and would never hear of
 * a SIGTERM. Node and Bun let them in by themselves; for Deno the C library is asked to.
 */
import { writeError } from "./broken-pipe.ts"
import { nativeCode } from "./runtime.ts"

/** SIG_UNBLOCK, as Linux has it on every processor but MIPS and SPARC, for which there is no Deno. */
const unblock = 1

/** More than the bytes of a sigset_t. */
const setBytes = 128

/** Unblocks those of the signals that are blocked, or says that they never arrive. */
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
    const list = names.join(" ")
    writeError(`[kamisama] ${list} never arrives: what has started this program has blocked it`)
  }
}

/** The signals that are blocked, the first in the lowest bit. */
function blockedMask(): bigint {
  try {
    const text = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf8")
    const [, mask = "0"] = /^SigBlk:\s*([0-9a-f]+)$/m.exec(text) ?? []
    return BigInt(`0x${mask}`)
  } catch {
    return 0n
  }
}
