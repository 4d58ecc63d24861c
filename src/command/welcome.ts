/**
 * What the command says on a terminal once every worker is ready: where it serves, by which processes, and how to steer
 * it.
 */
import { styleText } from "node:util"
import type { SignalMap } from "../core/plan/signals.ts"

/** What there is to say. */
interface Served {
  readonly addresses: readonly string[]
  /** Of the primary. */
  readonly pid: number
  readonly workerPids: readonly number[]
  readonly signals: SignalMap
}

export function welcome({ addresses, pid, workerPids, signals }: Served): string {
  const reload = Object.keys(signals).find((signal) => signals[signal] === "reload")
  const more = Object.keys(signals).find((signal) => signals[signal] === "scale-up")
  const many = workerPids.length === 1 ? "1 worker" : `${workerPids.length} workers`
  const who = `${many}: ${workerPids.join(", ")} · primary: ${pid} · look: pgrep -af kamisama:`
  const hints = [
    "stop: Ctrl-C",
    reload === undefined
      ? "reload: start with --signal HUP=reload"
      : `reload: ${kill(reload, pid)}`,
    ...(more === undefined ? [] : [`one more worker: ${kill(more, pid)}`]),
  ]
  const bright = addresses.map((address) => `  ${styleText("cyan", address)}\n`)
  return `${bright.join("")}  ${who}\n  ${styleText("dim", hints.join(" · "))}\n`
}

function kill(signal: string, pid: number): string {
  return `kill -${signal.replace(/^SIG/, "")} ${pid}`
}
