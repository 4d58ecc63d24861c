/**
 * During a stop that the program's own listeners were told of, the program ends its process when it is done: by `process.exit`,
 * or by the signal, which it sends to itself once its listeners have cleaned up. Both are reported here instead of done,
 * because requests may still be in progress.
 */
import { numberOf } from "./signals.ts"

/** The shells' code for an end by a signal is this and its number. */
const signalCodes = 128

interface Functions {
  [name: string]: (...given: unknown[]) => unknown
}

/** `process.exit` as it was before it was wrapped. */
let exit: typeof process.exit | undefined

/** Ends the process, whatever is still waited for. */
export function exitAtOnce(code: number): never {
  return (exit ?? process.exit).call(process, code)
}

/** The exit code that the program has set. An end by a stop signal counts as 0. */
export function ownExitCode(stopSignals: readonly string[]): number {
  return codeOf(process.exitCode, stopSignals)
}

/** From now on, reports the code with which the program ends this process. The process lives on, and so does the caller. */
export function reportOwnEnd(stopSignals: readonly string[], report: (code: number) => void): void {
  exit = process.exit
  const ended = (code: unknown): void => report(codeOf(code ?? process.exitCode, stopSignals))
  const numbers = new Set<unknown>(stopSignals.map(numberOf))
  const wrap = (target: Functions, names: readonly ["exit", "kill"]): void => {
    const [exitName, killName] = names
    const kill = target[killName]
    target[exitName] = ended
    target[killName] = (pid, signal = "SIGTERM") => {
      const isStop = stopSignals.includes(String(signal)) || numbers.has(signal)
      if (pid !== process.pid || !isStop) return kill?.(pid, signal)
      ended(0)
      return true
    }
  }
  wrap(process as unknown as Functions, ["exit", "kill"])
  const { Deno: deno }: { readonly Deno?: Functions } = globalThis as object
  if (deno !== undefined) wrap(deno, ["exit", "kill"])
}

function codeOf(code: unknown, stopSignals: readonly string[]): number {
  const number = Number(code ?? 0)
  return stopSignals.some((signal) => number === signalCodes + (numberOf(signal) ?? Number.NaN))
    ? 0
    : number
}
