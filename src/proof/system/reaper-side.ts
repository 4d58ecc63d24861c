/**
 * The reaper of the model: it takes in what its primary tells it, and its end, by the shipped decisions, and carries out
 * their commands as the script does. Workers start no processes here, so it finds none.
 */
import type { ReaperCommand } from "../../platform/reaper-command.ts"
import {
  beginReaper,
  type ReaperEvent,
  type ReaperPlan,
  reaperStep,
} from "../../platform/reaper-life.ts"
import {
  type KeepingCommand,
  type KeepingEvent,
  keepingStep,
  restartMs,
} from "../../platform/reaper-keeping.ts"
import type { Draft } from "./draft.ts"
import { seeReaper } from "./rules/system-rules.ts"

/** How much time passes between two looks, in ms. A tenth of a second, in the script. */
const momentMs = 1

/** The primary takes in what matters for its reaper. */
export function keep(draft: Draft, event: KeepingEvent): void {
  if (draft.primary === null) return
  const { state, commands } = keepingStep(draft.primary.keeping, event)
  draft.changePrimary({ keeping: state })
  for (const command of commands) keepOn(draft, command)
}

/** The end of the time that the primary waits before it starts the next reaper. In the model, it may be over at any time. */
export function endWait(draft: Draft): void {
  const restartedAt = draft.primary?.keeping.restartedAt ?? draft.now
  keep(draft, { type: "wait-ended", at: restartedAt + restartMs })
}

/** Tells the reaper something, if there is one. */
export function tellReaper(draft: Draft, event: ReaperEvent): void {
  const { reaper, plan } = draft
  if (reaper === null) return
  const signal = plan.signals["SIGTERM"] === undefined ? null : "TERM"
  const settings: ReaperPlan = { signal, timeoutMs: plan.timeoutMs, graceMs: 0 }
  const { state, commands } = reaperStep(settings, reaper.state, event)
  draft.reaper = { ...reaper, state }
  draft.violation ??= seeReaper(draft)
  for (const command of commands) carryOut(draft, command)
}

/** The reaper looks which workers live. */
export function look(draft: Draft): void {
  const { reaper, now } = draft
  if (reaper === null) return
  const alive = draft.processes.flatMap(({ os, worker }) =>
    os === "dead" ? [] : worker.incarnation,
  )
  const elapsedMs = now - reaper.lookedAt
  draft.reaper = { ...reaper, looksAt: null, lookedAt: now }
  tellReaper(draft, { type: "workers-checked", alive, elapsedMs })
}

function keepOn(draft: Draft, command: KeepingCommand): void {
  switch (command.type) {
    case "start":
      draft.reaper = {
        state: beginReaper(command.workers, []),
        looksAt: null,
        lookedAt: draft.now,
      }
      return
    case "tell":
      return tellReaper(draft, command.news)
    case "let-go":
      return tellReaper(draft, { type: "input-ended" })
    case "await-next-turn":
    case "wait":
      return
  }
}

function carryOut(draft: Draft, command: ReaperCommand): void {
  const { reaper, now } = draft
  if (reaper === null) return
  switch (command.type) {
    case "signal-workers":
      for (const pid of command.pids) signalWorker(draft, pid, command.signal)
      return
    case "start-waiting":
      draft.reaper = { ...reaper, lookedAt: now }
      return
    case "wait-a-moment":
      draft.reaper = { ...reaper, looksAt: now + momentMs }
      return
    case "check-workers":
      draft.reaper = { ...reaper, looksAt: reaper.looksAt ?? now }
      return
    case "find":
      return tellReaper(draft, { type: "found", identities: [] })
    case "exit":
      draft.reaper = null
      return
    case "signal-processes":
    case "check-processes":
      return
  }
}

function signalWorker(draft: Draft, pid: number, signal: "TERM" | "STOP" | "KILL"): void {
  const at = draft.placeOf(pid)
  const isGone = at === undefined || draft.process(at).os === "dead"
  // It has just looked, so it kills none that is gone: its id may be that of another process.
  if (isGone && signal !== "TERM") draft.violation ??= "the reaper signals a process that is gone"
  if (at === undefined || draft.process(at).os === "dead") return
  switch (signal) {
    case "TERM":
      return draft.signal(at, "SIGTERM")
    case "STOP":
      draft.see(at, { type: "blocked" })
      return draft.change(at, { isBlocked: true })
    case "KILL":
      return draft.die(at, null, "SIGKILL", "reaper")
  }
}
