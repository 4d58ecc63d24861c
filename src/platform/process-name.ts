/**
 * How people see a process of a pool, in a line of the log.
 */
import { slotName } from "../core/describe.ts"

/** Such as "worker 2 (pid 4711)". A spare has no number, and a process that could not be forked has no process id. */
export function processName(slot: number, pid: number | undefined): string {
  const name = slotName(slot)
  return pid === undefined ? name : `${name} (pid ${pid})`
}
