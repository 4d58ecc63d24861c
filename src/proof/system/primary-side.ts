/**
 * The primary of the model: it takes in facts by the shipped core, and carries out its commands as supervise.ts and a
 * platform do.
 */
import type { Command } from "../../core/command.ts"
import { nextDeadline } from "../../core/deadline.ts"
import type { Fact, WorkerRef } from "../../core/event.ts"
import type { StopCause } from "../../core/state.ts"
import { signalsFor } from "../../core/plan/signals.ts"
import { step } from "../../core/step.ts"
import { died, heard, newLink } from "../../platform/link.ts"
import type { WorkerReport } from "../../platform/platform.ts"
import { isAside, type PrimaryMessage } from "../../platform/wire.ts"
import { carryOut, type Orders } from "../../pool/carry-out.ts"
import { reportOf } from "../../worker/message.ts"
import type { Draft } from "./draft.ts"
import { keep, tellReaper } from "./reaper-side.ts"
import { newRecord } from "./rules/record.ts"
import { seeFork, seeKill } from "./rules/system-rules.ts"
import type { FromProcess, Process } from "./system-world.ts"

/** How long the primary waits for a process to end whose channel is closed, in ms. A second, on a real platform. */
const closedChannelMs = 1

/** Takes in one fact. */
export function takeFact(draft: Draft, fact: Fact): void {
  const { primary, plan, now } = draft
  if (primary === null || draft.tell(fact)) return
  const { state, commands } = step(plan, primary.state, { ...fact, at: now })
  draft.changePrimary({ state, due: nextDeadline(state) })
  for (const command of commands) {
    draft.reach(command.type)
    order(draft, command)
  }
}

/** Carries out one command. */
export function order(draft: Draft, command: Command): void {
  carryOut(command, ordersOf(draft, command))
}

/** Takes in what has arrived from a process. */
export function hearFrom(draft: Draft, at: number, given: FromProcess): void {
  switch (given.type) {
    case "closed":
      return hearClosed(draft, at)
    case "listens":
      return draft.change(at, { isListed: true })
    case "unlisten":
      return draft.change(at, { isListed: false })
    case "refused":
      return draft.changePrimary({ holdsConnection: true })
    default: {
      if (isAside(given)) {
        if (given.type === "bye") tell(draft, at, { type: "bye" })
        return
      }
      const { link, worker } = draft.process(at)
      const next = heard(link, given)
      if (given.type === "worker-failed" && next !== undefined && link.isDead)
        draft.reach("an error that is heard of a dead process")
      if (next === undefined) return
      draft.change(at, { link: next })
      report(draft, at, reportOf(worker, given))
    }
  }
}

/** Reports that a process is dead. */
export function reportExit(draft: Draft, at: number): void {
  const { link, exit, worker } = draft.process(at)
  const next = died(link)
  if (next === undefined || exit === null) return
  draft.change(at, { link: next, exit: null, hangUpAt: null, isListed: false })
  const { slot, incarnation } = worker
  keep(draft, { type: "worker-removed", pid: incarnation })
  if (exit.signal !== null && draft.primary?.pending.includes(exit.signal) === true) {
    draft.changePrimary({ groupVictims: [...draft.primary.groupVictims, slot] })
  }
  report(draft, at, { type: "worker-exited", worker, ...exit })
}

/** Reports that a fork has failed: the process never lived. */
export function reportForkFailed(draft: Draft, at: number): void {
  const { worker, link } = draft.process(at)
  draft.change(at, { os: "dead", link: died(link) ?? link, isConnected: false, isLinked: false })
  keep(draft, { type: "worker-removed", pid: worker.incarnation })
  report(draft, at, { type: "fork-failed", worker, error: "EAGAIN" })
}

/** A process has lived on without its channel: it counts as one that was signaled, and may hang. */
export function hangUp(draft: Draft, at: number): void {
  draft.change(at, { hangUpAt: null })
  const [signal] = signalsFor(draft.plan.signals, "stop")
  if (signal === undefined) return
  draft.see(at, { type: "signaled-alone" })
  report(draft, at, { type: "worker-was-signaled", worker: draft.process(at).worker, signal })
}

/** Hands a connection that a client has made to a worker. */
export function handOut(draft: Draft, at: number): void {
  draft.changePrimary({ holdsConnection: false })
  draft.change(at, { down: [...draft.process(at).down, { type: "connection" }] })
}

/** The primary is dead. Every channel is closed, and the reaper ends what is left. */
export function endPrimary(draft: Draft, how: "killed" | "finished"): void {
  draft.end = { how, at: draft.now }
  if (how === "finished") keep(draft, { type: "released" })
  draft.primary = null
  for (const [at, { isConnected, down }] of draft.processes.entries()) {
    draft.change(at, { up: [], exit: null, isLinked: false, hangUpAt: null, isListed: false })
    if (isConnected) draft.change(at, { down: [...down, { type: "closed" }], isConnected: false })
  }
  if (how === "killed") tellReaper(draft, { type: "input-ended" })
}

function report(draft: Draft, at: number, fact: WorkerReport): void {
  draft.see(at, { type: "reported", fact: fact.type })
  if (fact.type !== "worker-failed") takeFact(draft, fact)
}

function hearClosed(draft: Draft, at: number): void {
  const { link } = draft.process(at)
  const hangUpAt = link.isDead ? null : draft.now + closedChannelMs
  draft.change(at, { isLinked: false, isListed: false, hangUpAt })
}

/** Sends a message to a process, if the primary's end of the channel is open. @returns whether it is. */
function tell(draft: Draft, at: number, message: PrimaryMessage): boolean {
  const { link, isLinked, isConnected, os, down } = draft.process(at)
  // Where the other end is closed, the send fails.
  if (link.isDead || !isLinked || !isConnected || os === "dead") return false
  draft.change(at, { down: [...down, message] })
  return true
}

function ordersOf(draft: Draft, command: Command): Orders {
  const toProcess = (worker: WorkerRef, act: (at: number) => void): void => {
    const at = draft.placeOf(worker.incarnation)
    if (at !== undefined) act(at)
  }
  return {
    fork(worker) {
      draft.violation ??= seeFork(command, draft)
      draft.processes.push(newProcess(worker))
      keep(draft, { type: "worker-added", pid: worker.incarnation })
    },
    run(worker) {
      toProcess(worker, (at) => {
        draft.change(at, { worker })
        tell(draft, at, { type: "run", slot: worker.slot, willListen: false })
      })
    },
    grantLeadership: (worker) =>
      toProcess(worker, (at) => void tell(draft, at, { type: "grant-leadership" })),
    stop: (worker, signal, cause) => toProcess(worker, (at) => stop(draft, at, signal, cause)),
    kill: (worker) =>
      toProcess(worker, (at) => {
        draft.violation ??= seeKill(command, draft.process(at), draft)
        if (!draft.process(at).link.isDead) draft.die(at, null, "SIGKILL", "primary")
      }),
    sendClientsElsewhere: () => draft.reach("clients are sent elsewhere"),
    releasePorts: () => draft.reach(`ports are released: ${command.type}`),
    startSuccessor: () => undefined,
    stopSuccessor: () => undefined,
    killSuccessor: () => undefined,
    finish(code) {
      draft.reach(`the primary exits with ${code}`)
      endPrimary(draft, "finished")
    },
  }
}

/** By a message, or by the signal itself if no message can reach it. */
function stop(draft: Draft, at: number, signal: string, cause: StopCause): void {
  draft.see(at, { type: "asked-to-stop" })
  if (!tell(draft, at, { type: "stop", signal, cause })) draft.signal(at, signal)
}

function newProcess(worker: WorkerRef): Process {
  return {
    worker,
    os: "booting",
    isBlocked: false,
    pending: [],
    isConnected: true,
    down: [],
    up: [],
    exit: null,
    link: newLink,
    isLinked: true,
    hangUpAt: null,
    isListed: false,
    side: null,
    record: newRecord,
  }
}
