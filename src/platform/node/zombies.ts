/**
 * Warns of zombies. Processes whose parent has died become children of pid 1. If that is the primary, nothing asks how they
 * ended, because no runtime knows of them, and each keeps its process id for ever.
 */
import { writeWarning } from "./output.ts"

/** A process that has ended is reaped within this time, if it ever is. */
const reapedMs = 1_000

/** Looks for zombies after each death of a worker, until there are some. Does nothing if this process is not pid 1. */
export function zombieWatch(): { workerDied(): void } {
  let isOver = process.pid !== 1 || process.platform !== "linux"
  let look: NodeJS.Timeout | undefined
  return {
    workerDied() {
      if (isOver || look !== undefined) return
      look = setTimeout(() => {
        look = undefined
        const before = new Set(zombies())
        setTimeout(
          () => warnOf(zombies().filter((pid) => before.has(pid)).length),
          reapedMs,
        ).unref()
      }, reapedMs).unref()
    },
  }

  function warnOf(count: number): void {
    if (isOver || count === 0) return
    isOver = true
    const what =
      count === 1 ? "1 process has become a zombie" : `${count} processes have become zombies`
    const text = `${what}: dead workers had started them, and the primary is pid 1, which does not reap. Start the container with an init (docker run --init, tini).`
    writeWarning(text)
  }
}

/** The children of this process that have ended and were not reaped. */
function zombies(): string[] {
  const { readdirSync, readFileSync } = process.getBuiltinModule("node:fs")
  try {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isZombie(pid))
  } catch {
    return []
  }

  function isZombie(pid: string): boolean {
    try {
      // The name of a process is in parentheses, and may contain any.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      return stat.slice(stat.lastIndexOf(")")).startsWith(`) Z ${process.pid} `)
    } catch {
      return false
    }
  }
}
