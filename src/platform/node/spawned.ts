/**
 * Reports every process that this worker starts by `node:child_process`. All of its functions call `spawn` of the class
 * `ChildProcess`, on every runtime. The others wait for the process that they start.
 */
import { listedProcess } from "./process-list.ts"

/** The class, as far as it is wrapped. */
interface ChildProcessClass {
  spawn(this: { readonly pid?: number }, ...given: unknown[]): unknown
}

/** Calls back with the identity of each process. Detached ones are left out. */
export function watchSpawns(report: (identity: string) => void): void {
  const { ChildProcess } = process.getBuiltinModule("node:child_process")
  const prototype = ChildProcess.prototype as unknown as ChildProcessClass
  const { spawn } = prototype
  prototype.spawn = function (...given) {
    const result = spawn.apply(this, given)
    const started = this.pid === undefined ? undefined : listedProcess(this.pid)
    if (started !== undefined) report(started.identity)
    return result
  }
}
