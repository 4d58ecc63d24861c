/**
 * Everything that may happen to a pool at a moment: what the operating system may report of each process, what an operator may do, that
 * a deadline is reached, or that time passes.
 *
 * A process follows no script: whatever it may do next is possible at any time, and it may never do it. It may die at any moment, or
 * long before its exit is reported. A report may come at once, late, or after those of any other process. A kill may hit a process
 * that is dead. Nothing limits how often something fails, so a search that ends has seen sequences of every length. Only what a
 * platform promises is kept: the order of the reports of one process, and that no report is about a fork that was not made.
 */
import type { Fact, WorkerFact, WorkerRef } from "../../core/event.ts"
import { heartbeatLimitOf, type History } from "../rules/history.ts"
import { isLeaving, type ProcessRecord } from "../rules/process-record.ts"
import { lazyList, type MoveList, type MoveLists } from "../model/move-list.ts"
import { kindOf } from "./move-classes.ts"
import type { PoolBounds, PoolMove, PoolWorld, NoOp, TimePassed } from "./pool-world.ts"
import { madeOnce } from "../model/made-once.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { SignalAction } from "../../core/plan/signals.ts"

const reload: Fact = { type: "reload-requested" }

/** The moves of one plan. @internal */
export function movesOf(plan: Plan, bounds: PoolBounds): MoveLists<PoolWorld, PoolMove> {
  const { mostWorkers, scales, reloads, recycles, elects, timeSteps, latenessMs } = bounds
  const kindsOf = (moves: readonly PoolMove[]): readonly string[] =>
    moves.map((move) => kindOf(plan, move))
  const listed = (moves: readonly PoolMove[]): MoveList<PoolMove> =>
    lazyList(kindsOf(moves), () => moves)
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
  const tickKinds = kindsOf([untilDeadline(1)])
  const jumpKinds = kindsOf([untilDeadline(2)])
  const stops = firstAndLast(signalsFor(plan, "stop"))
  const [ignored = "SIGWINCH"] = signalsFor(plan, "ignore")
  const [up] = scales ? signalsFor(plan, "scale-up") : []
  const [down] = scales ? signalsFor(plan, "scale-down") : []
  const [reloadSignal] = reloads ? signalsFor(plan, "reload") : []
  const operator: Fact[] = [
    { type: "stop-requested", signal: "SIGTERM" },
    { type: "signal-received", signal: ignored },
  ]
  for (const signal of stops) operator.push({ type: "signal-received", signal })
  if (reloads) operator.push(reload)
  if (reloadSignal !== undefined) operator.push({ type: "signal-received", signal: reloadSignal })
  const ups = signaled(up)
  const downs = signaled(down)
  const targets = Array.from({ length: scales ? mostWorkers : 0 }, (_, index) => index + 1)
  const operating = listed(operator)
  const tooLate = listed(
    [...operator, ...ups, ...downs, ...targets.map(scaledTo)].map((fact) => noOp("late", fact)),
  )

  /** Requests that change the number of workers, and those that change nothing. */
  function scalingFrom(target: number): MoveList<PoolMove> {
    return listed([
      ...(target < mostWorkers ? ups : []),
      ...downs.map((fact) => (target === 1 ? noOp("again", fact) : fact)),
      ...targets.map((to) => (to === target ? noOp("again", scaledTo(to)) : scaledTo(to))),
    ])
  }
  const scalings = Array.from({ length: mostWorkers + 1 }, (_, target) => scalingFrom(target))

  const { heartbeatTimeoutMs, maxMemoryBytes } = plan
  /** What a worker reports again and again. */
  function signs(worker: WorkerRef): readonly WorkerFact[] {
    const all: WorkerFact[] = []
    if (heartbeatTimeoutMs !== false) all.push({ type: "worker-sent-heartbeat", worker })
    if (maxMemoryBytes !== false) {
      all.push({ type: "worker-measured", worker, memoryBytes: maxMemoryBytes })
      all.push({ type: "worker-measured", worker, memoryBytes: maxMemoryBytes + 1 })
    }
    if (recycles) all.push({ type: "worker-asked-for-replacement", worker })
    if (elects) all.push({ type: "worker-asked-for-leadership", worker })
    return all
  }

  // A signal that ends a process need not stop the pool: before its hello a process also dies of a reload signal.
  const deadly = reloadSignal === undefined ? stops : [...stops, reloadSignal]
  const reportsOf = (worker: WorkerRef, phase: ProcessPhase): readonly PoolMove[] =>
    reports(worker, phase, signs(worker), { stops, deadly, ignored })
  const anyWorker: WorkerRef = { slot: 0, incarnation: 0 }
  const reportKinds = {
    booting: kindsOf(reportsOf(anyWorker, "booting")),
    starting: kindsOf(reportsOf(anyWorker, "starting")),
    settled: kindsOf(reportsOf(anyWorker, "settled")),
  }

  /** What may be reported of each process that lives. */
  function reportsIn({ living }: History): readonly MoveList<PoolMove>[] {
    return living.map((process) => {
      const phase = phaseOf(process)
      const { slot, incarnation } = process
      return lazyList(reportKinds[phase], () => reportsOf({ slot, incarnation }, phase))
    })
  }

  const lateReportsOf = (worker: WorkerRef): readonly PoolMove[] =>
    [...signs(worker), ...lateReports(worker, stops)].map((report) => noOp("late", report))
  const lateKinds = madeOnce((slots: number) =>
    kindsOf(Array.from({ length: slots }, () => lateReportsOf(anyWorker)).flat()),
  )

  /** What may be reported of a process that is dead, in each slot. */
  function lateReportsIn(history: History): MoveList<PoolMove> {
    const slots = slotsReportedOn(history)
    return lazyList(lateKinds(slots.length), () => {
      const incarnation = firstDead(history)
      return slots.flatMap((slot) => lateReportsOf({ slot, incarnation }))
    })
  }

  /** The start, wake-ups, and the passing of time. */
  function passing({ state, history, now, due }: PoolWorld): MoveList<PoolMove>[] {
    const lists = [history.phase === "starting" ? beginning : begunAgain]
    if (state.phase === "done") return lists
    lists.push(due !== null && due <= now ? waking : wakingEarly)
    // Time never passes beyond a deadline.
    const mostMs = due === null ? Infinity : due + latenessMs - now
    const count = timesPassing.findIndex(({ ms }) => ms > mostMs)
    lists.push(shortTimes.at(count) as MoveList<PoolMove>)
    if (stepsToDeadline && due !== null && due > now) {
      const move = untilDeadline(due - now)
      lists.push({ kinds: move.ms === 1 ? tickKinds : jumpKinds, at: () => move })
    }
    return lists
  }

  /** What may come from outside. */
  function pending(history: History): readonly MoveList<PoolMove>[] {
    const lists = [...reportsIn(history)]
    if (history.latestIncarnation > 0) lists.push(lateReportsIn(history))
    if (history.phase === "stopping" || history.phase === "done") lists.push(tooLate)
    else lists.push(operating, scalings[history.target] as MoveList<PoolMove>)
    return lists
  }

  return {
    all: (world) => [...passing(world), ...pending(world.history)],
    fair: (world) => [...passing(world), ...reportsIn(world.history)],
  }
}

function untilDeadline(ms: number): TimePassed {
  return { type: "time-passed", ms, timeStep: "deadline" }
}

function noOp(why: NoOp["why"], fact: Fact): NoOp {
  return { type: "no-op", fact, why }
}

/** The receipt of a signal, if there is one. */
function signaled(signal: string | undefined): readonly Fact[] {
  return signal === undefined ? [] : [{ type: "signal-received", signal }]
}

function scaledTo(target: number): Fact {
  return { type: "scale-requested", target }
}

/** How far a process has come: a settled one is ready, or will not be. */
type ProcessPhase = "booting" | "starting" | "settled"

function phaseOf(process: ProcessRecord): ProcessPhase {
  if (process.helloAt === null) return "booting"
  return process.readyAt === null && !isLeaving(process) ? "starting" : "settled"
}

function signalsFor({ signals }: Plan, action: SignalAction): readonly string[] {
  return Object.keys(signals).filter((signal) => signals[signal] === action)
}

/** Of many signals with one meaning, two are as good as all. */
function firstAndLast(signals: readonly string[]): readonly string[] {
  return signals.filter((_, index) => index === 0 || index === signals.length - 1)
}

/** Signals by what they do. */
interface Signals {
  /** Those that stop the pool. */
  readonly stops: readonly string[]
  /** Those that end a process, beside SIGKILL. */
  readonly deadly: readonly string[]
  /** One that does nothing. */
  readonly ignored: string
}

function reports(
  worker: WorkerRef,
  phase: ProcessPhase,
  signs: readonly WorkerFact[],
  { stops, deadly, ignored }: Signals,
): readonly PoolMove[] {
  const moves: PoolMove[] = exits(worker, deadly)
  const hello: Fact = { type: "worker-said-hello", worker }
  moves.push(phase === "booting" ? hello : noOp("again", hello))
  // Also before the hello, because its channel may have closed.
  for (const signal of stops) moves.push({ type: "worker-was-signaled", worker, signal })
  if (phase === "booting") return [...moves, { type: "fork-failed", worker, error: "EAGAIN" }]
  const ready: Fact = { type: "worker-became-ready", worker }
  moves.push(phase === "starting" ? ready : noOp("again", ready))
  moves.push(...signs)
  moves.push({ type: "worker-was-signaled", worker, signal: ignored })
  return moves
}

/** Each kind of exit. */
function exits(worker: WorkerRef, deadly: readonly string[]): WorkerFact[] {
  return [
    { type: "worker-exited", worker, code: 0, signal: null },
    { type: "worker-exited", worker, code: 1, signal: null },
    ...["SIGKILL", ...deadly].map((signal): WorkerFact => ({
      type: "worker-exited",
      worker,
      code: null,
      signal,
    })),
  ]
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

function lateReports(worker: WorkerRef, stops: readonly string[]): readonly WorkerFact[] {
  return [
    { type: "worker-said-hello", worker },
    { type: "worker-became-ready", worker },
    ...stops.map((signal): WorkerFact => ({ type: "worker-was-signaled", worker, signal })),
    ...exits(worker, stops),
    { type: "fork-failed", worker, error: "EAGAIN" },
  ]
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
    case "worker-said-hello":
    case "worker-became-ready":
    case "worker-sent-heartbeat":
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
      return readyAt === null || isLeaving(process) || hasTime ? "not" : "must"
    }
    case "worker-exited":
      if (killedAt !== null) return move.code === 1 ? "must" : "not"
      return askedAt !== null && move.code === 0 ? "may" : "not"
    default:
      return "not"
  }
}
