/**
 * What the command says on a terminal once every worker is ready: where it serves, and how to steer it.
 */
import { styleText } from "node:util"
import type { SignalMap } from "../core/plan/signals.ts"

export function welcome(addresses: readonly string[], pid: number, signals: SignalMap): string {
  const reload = Object.keys(signals).find((signal) => signals[signal] === "reload")
  const more = Object.keys(signals).find((signal) => signals[signal] === "scale-up")
  const hints = [
    "stop: Ctrl-C",
    reload === undefined
      ? "reload: start with --signal HUP=reload"
      : `reload: ${kill(reload, pid)}`,
    ...(more === undefined ? [] : [`one more worker: ${kill(more, pid)}`]),
  ]
  const bright = addresses.map((address) => `  ${styleText("cyan", address)}\n`)
  return `${bright.join("")}  ${styleText("dim", hints.join(" · "))}\n`
}

function kill(signal: string, pid: number): string {
  return `kill -${signal.replace(/^SIG/, "")} ${pid}`
}
