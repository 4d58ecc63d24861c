/**
 * A simulated new primary, by what a test says of it. Its workers are not simulated.
 */
import type { SuccessorFact, SuccessorProcess } from "../platform.ts"
import type { Timers } from "./clock.ts"
import type { FakePlatformOptions } from "./handle.ts"

/** Starts it. */
export function fakeSuccessor(
  { ready = 500, dies, stop = 10 }: NonNullable<FakePlatformOptions["successor"]>,
  pid: number,
  timers: Timers,
  report: (fact: SuccessorFact) => void,
): SuccessorProcess {
  let isOver = false
  let isStopping = false
  const end = (code: number | null, signal: string | null): void => {
    if (isOver) return
    isOver = true
    report({ type: "successor-exited", code, signal })
  }
  if (dies !== undefined) timers.after(dies, () => end(1, null))
  if (ready !== false) {
    timers.after(ready, () => {
      if (isOver || isStopping) return
      isOver = true
      report({ type: "successor-became-ready" })
    })
  }
  return {
    pid,
    stop() {
      isStopping = true
      if (stop !== false) timers.after(stop, () => end(0, null))
    },
    kill: () => void timers.after(1, () => end(null, "SIGKILL")),
  }
}
