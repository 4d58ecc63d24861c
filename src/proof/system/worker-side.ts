/**
 * The worker's side of a process in the model: it takes in events by the shipped step, and carries out what that says as
 * work.ts and a platform do.
 */
import { stepLeaving, type LeavingEvent } from "../../worker/leaving.ts"
import {
  initialWork,
  type ProgramState,
  stepWork,
  type WorkCommand,
  type WorkEvent,
} from "../../worker/step.ts"
import {
  pack,
  unpackPrimaryMessage,
  unpackWorkerMessage,
  type WorkerMessage,
} from "../../platform/wire.ts"
import type { Draft } from "./draft.ts"
import type { ProgramBounds } from "./system-bounds.ts"
import { newSide, type Side, type ToProcess } from "./system-world.ts"

/** The process has reached `kamisama()`: it says hello, or finds that its primary is gone. */
export function boot(draft: Draft, at: number): void {
  const { plan, bounds } = draft
  const shutdown = bounds.program.hasShutdown ? () => undefined : undefined
  const idle = bounds.program.failsIfIdle ? "fail" : "stay"
  draft.change(at, { os: "running", side: newSide(initialWork({ plan, idle, shutdown })) })
  sendMessage(draft, at, { type: "worker-said-hello" })
}

/** Takes in one event. */
export function take(draft: Draft, at: number, event: WorkEvent): void {
  const { side } = draft.process(at)
  if (side === null) return
  const next = stepWork(
    draft.plan,
    side.work,
    event,
    draft.now,
    programOf(side, draft.bounds.program),
  )
  draft.changeSide(at, { work: next.work })
  for (const command of next.commands) carryOut(draft, at, command)
}

/** Takes in what has arrived from the primary. */
export function hear(draft: Draft, at: number, given: ToProcess): void {
  switch (given.type) {
    case "connection":
      return takeConnection(draft, at)
    case "closed":
      draft.see(at, { type: "told-to-stop", cause: "primary-gone" })
      take(draft, at, { type: "primary-gone" })
      return leave(draft, at, { type: "closed" })
    default: {
      const message = unpackPrimaryMessage(pack(given))
      if (message === undefined) return
      switch (message.type) {
        case "stop":
          draft.reach(`a stop: ${message.cause}`)
          draft.see(at, { type: "told-to-stop", cause: message.cause })
          return take(draft, at, { type: "told", message })
        case "run":
          draft.change(at, { worker: { ...draft.process(at).worker, slot: message.slot } })
          return take(draft, at, { type: "told", message })
        case "grant-leadership":
          return take(draft, at, { type: "told", message })
        case "bye":
          return leave(draft, at, { type: "answered" })
        default:
          return
      }
    }
  }
}

/** Goes on with leaving. */
export function leave(draft: Draft, at: number, event: LeavingEvent): void {
  const { side } = draft.process(at)
  if (side === null || side.leaving === null) return
  const { leaving } = side
  const next = stepLeaving(leaving.step, event)
  draft.changeSide(at, { leaving: { ...leaving, step: next.leaving } })
  for (const command of next.commands) {
    if (command === "stop-listening") stopAccepting(draft, at)
    if (command === "ask") sendMessage(draft, at, { type: "bye" })
    if (command === "end") {
      const isLate = event.type === "overdue"
      const hasFlushed = leaving.step !== "flushing" || event.type === "flushed"
      draft.see(at, { type: "leaves", from: hasFlushed || isLate ? "flushed" : "unflushed" })
      draft.die(at, leaving.code, null, isLate ? "late" : "exit")
    }
  }
}

/** A client reaches the process. One whose server is closed turns it back. */
function takeConnection(draft: Draft, at: number): void {
  const { side } = draft.process(at)
  if (side?.accepts !== true) {
    draft.reach("a connection is turned back")
    return draft.sendUp(at, { type: "refused" })
  }
  draft.see(at, { type: "accepted" })
  draft.changeSide(at, { requests: side.requests + 1 })
}

/** Servers are closed: the primary hears of it, and what is on its way meanwhile is turned back. */
function stopAccepting(draft: Draft, at: number): void {
  if (draft.process(at).side?.accepts !== true) return
  draft.changeSide(at, { accepts: false })
  draft.sendUp(at, { type: "unlisten" })
}

function sendMessage(draft: Draft, at: number, message: WorkerMessage): void {
  const sent = unpackWorkerMessage(pack(message))
  if (sent === undefined) return
  if (sent.type === "worker-failed") draft.see(at, { type: "sends-failure" })
  draft.sendUp(at, sent)
}

function carryOut(draft: Draft, at: number, command: WorkCommand): void {
  const { now } = draft
  switch (command.type) {
    case "send":
      return sendMessage(draft, at, command.message)
    case "call-run":
      draft.see(at, { type: "called-run" })
      return draft.changeSide(at, { run: "pending" })
    case "await-listening":
      return draft.changeSide(at, { awaits: "listening" })
    case "await-first-listening":
      return draft.changeSide(at, { awaits: command.atMostMs === false ? "first" : "first-within" })
    case "send-heartbeat-later":
      return draft.changeSide(at, { heartbeatAt: now + command.afterMs })
    case "measure-later":
      return draft.changeSide(at, { measures: true })
    case "count-requests":
      return draft.changeSide(at, { countsRequests: true })
    case "watch-for-idleness":
      return draft.changeSide(at, { isWatchedForIdleness: true })
    case "begin-stopping":
      return draft.see(at, { type: "began-stopping" })
    case "warn-of-listeners":
      return
    case "call-shutdown":
      draft.see(at, { type: "called-shutdown" })
      return draft.changeSide(at, { shutdown: "pending" })
    case "call-listeners":
      draft.see(at, { type: "called-listeners" })
      return draft.changeSide(at, { listeners: "called" })
    case "watch-listeners":
      draft.see(at, { type: "watches-listeners", until: now + command.atMostMs })
      return draft.changeSide(at, { listenersAt: now + command.atMostMs })
    case "close-returned":
    case "drain":
      draft.see(at, { type: "began-closing", closes: command.type })
      draft.changeSide(at, { closing: command.type })
      return stopAccepting(draft, at)
    case "set-deadline": {
      const deadlineAt = draft.process(at).side?.deadlineAt ?? Infinity
      return draft.changeSide(at, { deadlineAt: Math.min(deadlineAt, now + command.afterMs) })
    }
    case "make-leader":
      draft.reach("a leader")
      return draft.see(at, { type: "became-leader" })
    case "report-failure":
      return sendMessage(draft, at, {
        type: "worker-failed",
        during: command.during,
        error: "",
      })
    case "exit": {
      const endsBy = now + command.withinMs
      draft.see(at, { type: "exits", code: command.code, endsBy })
      const overdueAt = Math.ceil(endsBy)
      return draft.changeSide(at, { leaving: { step: "flushing", code: command.code, overdueAt } })
    }
    case "exit-at-once":
      draft.see(at, { type: "exits", code: command.code, endsBy: now })
      return draft.die(at, command.code, null, "at-once")
  }
}

function programOf(side: Side, program: ProgramBounds): ProgramState {
  return {
    takesSignal: program.takesSignal && side.run !== "uncalled",
    listensTo: () => program.listens,
    exitCode: program.exitCode ?? 0,
  }
}
