/**
 * What the command says on a terminal once every worker is ready: where it serves, by which processes, and how to steer
 * it.
 */
import { styleText } from "node:util"
import { type SignalMap, signalsFor } from "../core/plan/signals.ts"

/** What there is to say. */
interface Served {
  readonly addresses: readonly string[]
  /** Of the primary. */
  readonly pid: number
  readonly workerPids: readonly number[]
  readonly signals: SignalMap
  /** Whether the command can reach the pool. */
  readonly isControlled: boolean
  /** Whether it has taken over from another primary: then it is not what the terminal waits for. */
  readonly hasTakenOver: boolean
}

export function welcome(served: Served): string {
  const { addresses, pid, workerPids } = served
  const many = workerPids.length === 1 ? "1 worker" : `${workerPids.length} workers`
  const who = `${many}: ${workerPids.join(", ")} · primary: ${pid}`
  const bright = addresses.map((address) => `  ${styleText("cyan", address)}\n`)
  return `${bright.join("")}  ${who}\n  ${styleText("dim", hintsFor(served).join(" · "))}\n`
}

function hintsFor({ isControlled, hasTakenOver, signals, pid }: Served): readonly string[] {
  const stop = hasTakenOver
    ? `stop: ${isControlled ? "npx kamisama stop" : kill("SIGTERM", pid)}`
    : "stop: Ctrl-C"
  if (isControlled) {
    const verbs = { look: "status", reload: "reload", "one more": "scale +1" }
    return [stop, ...Object.entries(verbs).map(([what, verb]) => `${what}: npx kamisama ${verb}`)]
  }
  const [reload] = signalsFor(signals, "reload")
  const [more] = signalsFor(signals, "scale-up")
  return [
    stop,
    "look: pgrep -af kamisama:",
    reload === undefined
      ? "reload: start with --signal HUP=reload"
      : `reload: ${kill(reload, pid)}`,
    ...(more === undefined ? [] : [`one more: ${kill(more, pid)}`]),
  ]
}

function kill(signal: string, pid: number): string {
  return `kill -${signal.replace(/^SIG/, "")} ${pid}`
}
