/**
 * During a stop that the program's own listeners were told of, the program ends its process when it is done: by `process.exit`, or by
 * the signal, which it sends to itself once its listeners have cleaned up. Both are reported here and do nothing else, because
 * requests may still be in progress.
 */
import { numberOf } from "./signals.ts"

/** The shells' code for an end by a signal is this and its number. */
const signalCodes = 128

interface Functions {
  exit(code?: unknown): unknown
  kill(pid: unknown, signal?: unknown): unknown
}

/** Restores the functions of the runtime. One of Deno calls another. */
let restore = (): void => undefined

/** Ends the process, whatever is still waited for. */
export function exitAtOnce(code: number): never {
  restore()
  return process.exit(code)
}

/** The exit code that the program has set. An end by one of these signals counts as 0. */
export function ownExitCode(signals: readonly string[]): number {
  return codeOf(process.exitCode, signals)
}

/** From now on, reports the code with which the program ends this process. The process lives on, and the call returns. */
export function reportOwnEnd(signals: readonly string[], report: (code: number) => void): void {
  const numbers = signals.map(numberOf)
  const { Deno: deno }: { readonly Deno?: Functions } = globalThis as object
  for (const target of [process as Functions, ...(deno === undefined ? [] : [deno])]) {
    const { exit, kill } = target
    const restoreOthers = restore
    restore = () => {
      restoreOthers()
      Object.assign(target, { exit, kill })
    }
    target.exit = (code) => report(codeOf(code ?? process.exitCode, signals))
    target.kill = (pid, signal = "SIGTERM") => {
      const isOfPool = signals.includes(String(signal)) || numbers.includes(Number(signal))
      if (pid !== process.pid || !isOfPool) return kill.call(target, pid, signal)
      report(0)
      return true
    }
  }
}

function codeOf(code: unknown, signals: readonly string[]): number {
  const number = Number(code ?? 0)
  const isOfSignal = signals.map(numberOf).includes(number - signalCodes)
  return isOfSignal ? 0 : number
}
