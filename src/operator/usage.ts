/**
 * What a process uses, as Linux tells the primary: also of a worker that hangs. Elsewhere it is not known.
 */
import { readFileSync } from "node:fs"

/** Linux counts processor time in hundredths of a second for programs, whatever its own clock is. */
const msPerTick = 10

/** Memory and processor time of a process; undefined where they cannot be known. */
export function usageOf(
  pid: number,
): { readonly memoryBytes: number; readonly cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    const status = readFileSync(`/proc/${pid}/status`, "latin1")
    // The name of a process is in parentheses, and may contain any.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ", 13)
    const cpuMs = msPerTick * (Number(fields[11]) + Number(fields[12]))
    const memoryBytes = 1_024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1])
    return Number.isFinite(cpuMs + memoryBytes) ? { memoryBytes, cpuMs } : undefined
  } catch {
    // There is no /proc, or the process has just ended.
    return undefined
  }
}
