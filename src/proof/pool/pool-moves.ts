/**
 * Everything that may happen to a pool at a moment: what the operating system may report of each process, what an operator may do, that
 * a deadline is reached, or that time passes.
 *
 * A process follows no script: whatever it may do next is possible at any time, and it may never do it. It may die at any moment, or
 * long before its exit is reported. A report may come at once, late, or after those of any other process. A kill may hit a process
 * that is dead. Nothing limits how often something fails, so a search that ends has seen sequences of every length. Only what a
 * platform promises is kept: the order of the reports of one process, and that no report is about a fork that was not made.
 */
import type { Fact, WorkerRef } from "../../core/event.ts"
import { heartbeatLimitOf, type History, takesNoRequests } from "../rules/history.ts"
import { isLeaving, type ProcessRecord } from "../rules/process-record.ts"
import type { MoveList, MoveLists } from "../model/move-list.ts"
import { kindOf } from "./move-classes.ts"
import {
  noOp,
  type PoolBounds,
  type PoolMove,
  type PoolWorld,
  type TimePassed,
} from "./pool-world.ts"
import {
  lateReports,
  phaseOf,
  type ProcessPhase,
  type Report,
  reportsIn,
  signsIn,
} from "./reports.ts"
import { madeOnce } from "../model/made-once.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { signalsFor } from "../../core/plan/signals.ts"

/** Moves of a pool. */
type PoolList = MoveList<PoolWorld, PoolMove>

const reload: Fact = { type: "reload-requested" }

/** The moves of one plan. @internal */
export function movesOf(plan: Plan, bounds: PoolBounds): MoveLists<PoolWorld, PoolMove> {
  const { mostWorkers, scales, reloads, upgrades, timeSteps, latenessMs } = bounds
  const kindsOf = (moves: readonly PoolMove[]): readonly string[] =>
    moves.map((move) => kindOf(plan, move))
  const listed = (moves: readonly PoolMove[]): PoolList => ({
    kinds: kindsOf(moves),
    at: (_, index) => moves[index] as PoolMove,
  })
  const beginning = listed([{ type: "started" }, { type: "start-failed" }])
  const begunAgain = listed([
    noOp("again", { type: "started" }),
    noOp("late", { type: "start-failed" }),
  ])
  const waking = listed([{ type: "deadline-reached" }])
  const wakingEarly = listed([noOp("early", { type: "deadline-reached" })])
  const timesPassing = timeSteps
    .flatMap((timeStep) => (timeStep === "deadline" ? [] : timeStep))
    .map((ms): TimePassed => ({ type: "time-passed", ms, timeStep: ms }))
    .sort((one, other) => one.ms - other.ms)
  /** The shortest of them, by their number. */
  const shortTimes = [...timesPassing.keys(), timesPassing.length].map((count) =>
    listed(timesPassing.slice(0, count)),
  )
  const stepsToDeadline = timeSteps.includes("deadline")
  const tick = listed([untilDeadline(1)])
  const jump: PoolList = {
    kinds: kindsOf([untilDeadline(2)]),
    at: ({ now, due }) => untilDeadline(Number(due) - now),
  }
  const stops = firstAndLast(signalsFor(plan.signals, "stop"))
  const [ignored = "SIGWINCH"] = signalsFor(plan.signals, "ignore")
  const [up] = scales ? signalsFor(plan.signals, "scale-up") : []
  const [down] = scales ? signalsFor(plan.signals, "scale-down") : []
  const [reloadSignal] = reloads ? signalsFor(plan.signals, "reload") : []
  const operator: Fact[] = [
    { type: "stop-requested", signal: "SIGTERM" },
    { type: "signal-received", signal: ignored },
  ]
  for (const signal of stops) operator.push({ type: "signal-received", signal })
  if (reloads) operator.push(reload)
  if (upgrades) {
    operator.push({ type: "upgrade-requested" })
    for (const signal of signalsFor(plan.signals, "upgrade")) {
      operator.push({ type: "signal-received", signal })
    }
  }
  if (reloadSignal !== undefined) operator.push({ type: "signal-received", signal: reloadSignal })
  const ups = signaled(up)
  const downs = signaled(down)
  const targets = Array.from({ length: scales ? mostWorkers : 0 }, (_, index) => index + 1)
  const operating = listed(operator)
  const tooLate = listed(
    [...operator, ...ups, ...downs, ...targets.map(scaledTo)].map((fact) => noOp("late", fact)),
  )

  /** Requests that change the number of workers, and those that change nothing. */
  function scalingFrom(target: number): PoolList {
    return listed([
      ...(target < mostWorkers ? ups : []),
      ...downs.map((fact) => (target === 1 ? noOp("again", fact) : fact)),
      ...targets.map((to) => (to === target ? noOp("again", scaledTo(to)) : scaledTo(to))),
    ])
  }
  const scalings = Array.from({ length: mostWorkers + 1 }, (_, target) => scalingFrom(target))

  // A signal that ends a process need not stop the pool: before its hello a process also dies of a reload signal.
  const deadly = reloadSignal === undefined ? stops : [...stops, reloadSignal]
  const signs = signsIn(plan, bounds)
  const kindsOfReports = (reports: readonly Report[]): readonly string[] =>
    kindsOf(reports.map((report) => report({ slot: 0, incarnation: 0 })))
  const listedReports = (phase: ProcessPhase): ((at: number) => PoolList) => {
    const reports = reportsIn(phase, signs, { stops, deadly, ignored })
    const kinds = kindsOfReports(reports)
    return madeOnce((at) => ({
      kinds,
      at({ history }, index) {
        const { slot, incarnation } = history.living[at] as ProcessRecord
        return (reports[index] as Report)({ slot, incarnation })
      },
    }))
  }
  /** What may be reported of the living process of that number. */
  const reportLists = {
    booting: listedReports("booting"),
    loaded: listedReports("loaded"),
    starting: listedReports("starting"),
    settled: listedReports("settled"),
  }

  const late = lateReports(signs, stops)
  const lateKinds = kindsOfReports(late)
  /** What may be reported of a process that is dead, in each of so many slots. */
  const lateLists = madeOnce((slots: number): PoolList => ({
    kinds: Array.from({ length: slots }, () => lateKinds).flat(),
    at({ history }, index) {
      const slot = slotsReportedOn(history)[Math.floor(index / late.length)] as number
      return (late[index % late.length] as Report)({ slot, incarnation: firstDead(history) })
    },
  }))

  /** Adds what may be reported of each process that lives. */
  function addReports({ living }: History, lists: PoolList[]): void {
    for (let at = 0; at < living.length; at += 1) {
      lists.push(reportLists[phaseOf(living[at] as ProcessRecord)](at))
    }
  }

  /** The start, wake-ups, and the passing of time. */
  function passing({ state, history, now, due }: PoolWorld): PoolList[] {
    const lists = [history.phase === "starting" ? beginning : begunAgain]
    if (state.phase === "done") return lists
    lists.push(due !== null && due <= now ? waking : wakingEarly)
    // Time never passes beyond a deadline.
    const mostMs = due === null ? Infinity : due + latenessMs - now
    const count = timesPassing.findIndex(({ ms }) => ms > mostMs)
    lists.push(shortTimes.at(count) as PoolList)
    if (stepsToDeadline && due !== null && due > now) lists.push(due - now === 1 ? tick : jump)
    return lists
  }

  const ofSuccessor = listed([
    { type: "successor-became-ready" },
    { type: "successor-exited", code: 1, signal: null },
    { type: "successor-failed", error: "EAGAIN" },
  ])
  const ofLeaving = listed([{ type: "successor-exited", code: 0, signal: null }])

  /** Adds what may be reported of a new primary. One that was told to stop only ends. */
  function addSuccessor({ successor, phase }: History, lists: PoolList[]): void {
    if (successor === null || phase === "done") return
    lists.push(successor.phase === "starting" ? ofSuccessor : ofLeaving)
  }

  /** Adds what may come from outside. */
  function addPending(history: History, lists: PoolList[]): void {
    addReports(history, lists)
    addSuccessor(history, lists)
    if (history.latestIncarnation > 0) lists.push(lateLists(slotsReportedOn(history).length))
    if (takesNoRequests(history)) lists.push(tooLate)
    else lists.push(operating, scalings[history.target] as PoolList)
  }

  return {
    all(world) {
      const lists = passing(world)
      addPending(world.history, lists)
      return lists
    },
    fair(world) {
      const lists = passing(world)
      addReports(world.history, lists)
      addSuccessor(world.history, lists)
      return lists
    },
  }
}

function untilDeadline(ms: number): TimePassed {
  return { type: "time-passed", ms, timeStep: "deadline" }
}

/** The receipt of a signal, if there is one. */
function signaled(signal: string | undefined): readonly Fact[] {
  return signal === undefined ? [] : [{ type: "signal-received", signal }]
}

function scaledTo(target: number): Fact {
  return { type: "scale-requested", target }
}

/** Of many signals with one meaning, two are as good as all. */
function firstAndLast(signals: readonly string[]): readonly string[] {
  return signals.filter((_, index) => index === 0 || index === signals.length - 1)
}

/** The earliest process that is dead. It represents all of them; if there was none, 0 represents one. */
function firstDead({ living, latestIncarnation }: History): number {
  let dead = 1
  while (living.some(({ incarnation }) => incarnation === dead)) dead += 1
  return dead > latestIncarnation ? 0 : dead
}

/** The slots that are in use, and the first that is free. */
function slotsReportedOn({ living, slots, phase }: History): readonly number[] {
  const ids: number[] = []
  for (const { slot } of living) if (!ids.includes(slot)) ids.push(slot)
  if (phase === "running") for (const { id } of slots) if (!ids.includes(id)) ids.push(id)
  let free = 1
  while (ids.includes(free)) free += 1
  ids.push(free)
  return ids
}

/** What makes a move the same in another run. A process is identified by its slot. @internal */
export function keyOf(move: PoolMove): string {
  switch (move.type) {
    case "time-passed":
      return `${move.timeStep}`
    case "no-op":
      return `${move.why} ${keyOf(move.fact)}`
    case "worker-measured":
      return `${move.type} ${move.worker.slot} ${move.memoryBytes}`
    case "worker-exited":
      return `${move.type} ${move.worker.slot} ${move.code ?? move.signal}`
    case "worker-was-signaled":
      return `${move.type} ${move.worker.slot} ${move.signal}`
    case "worker-sent-heartbeat":
      return `${move.type} ${move.worker.slot} ${move.agoMs}`
    case "worker-said-hello":
    case "worker-became-ready":
    case "worker-served-requests":
    case "worker-asked-for-replacement":
    case "worker-asked-for-leadership":
    case "fork-failed":
      return `${move.type} ${move.worker.slot}`
    case "signal-received":
    case "stop-requested":
      return `${move.type} ${move.signal}`
    case "scale-requested":
      return `${move.type} ${move.target}`
    default:
      return move.type
  }
}

/**
 * The moves that are left once faults have ended: processes do what they must in time, and time passes when nothing else has
 * to come first.
 *
 * @internal
 */
export function fairMovesOf(
  { history, now, due }: PoolWorld,
  moves: readonly PoolMove[],
): readonly number[] {
  const isDue = due !== null && due <= now
  const answers: number[] = []
  const urgent: number[] = []
  const possible: number[] = []
  for (const [index, move] of moves.entries()) {
    const begins = move.type === "started" && history.phase === "starting"
    if (begins || (move.type === "deadline-reached" && isDue)) {
      urgent.push(index)
    } else if (move.type === "time-passed") {
      possible.push(index)
    } else if (move.type === "successor-exited") {
      // As a worker: it may stop when it was asked to, and is dead once it was killed.
      const phase = history.successor?.phase
      if (phase === "killed") urgent.push(index)
      if (phase === "stopping") possible.push(index)
    } else if ("worker" in move) {
      const process = history.living.find(
        ({ incarnation }) => incarnation === move.worker.incarnation,
      )
      if (process === undefined) continue
      const urgency = urgencyOf(move, process, history.plan, now)
      if (urgency === "must") (move.type === "worker-sent-heartbeat" ? answers : urgent).push(index)
      if (urgency === "may") possible.push(index)
    }
  }
  if (answers.length > 0) return answers
  return urgent.length > 0
    ? urgent.concat(possible.filter((at) => moves[at]?.type !== "time-passed"))
    : possible
}

/**
 * Whether a process must, may or does not do that: it boots, becomes ready and sends heartbeats. One that was killed is dead.
 * One that was asked to stop may stop, or not.
 */
function urgencyOf(
  move: Fact & { worker: WorkerRef },
  process: ProcessRecord,
  plan: Plan,
  now: number,
): "must" | "may" | "not" {
  const { helloAt, toldToRunAt, readyAt, askedAt, killedAt, timeout } = process
  switch (move.type) {
    case "worker-said-hello":
      return helloAt === null && killedAt === null ? "must" : "not"
    case "worker-became-ready":
      return toldToRunAt !== null && readyAt === null && !isLeaving(process) ? "must" : "not"
    case "worker-sent-heartbeat": {
      const hasTime = timeout === null || timeout.fromAt >= now + Number(heartbeatLimitOf(plan))
      return move.agoMs > 0 || readyAt === null || isLeaving(process) || hasTime ? "not" : "must"
    }
    case "worker-exited":
      if (killedAt !== null) return move.code === 1 ? "must" : "not"
      return askedAt !== null && move.code === 0 ? "may" : "not"
    default:
      return "not"
  }
}
