/**
 * The situations of a pool that have met each event. A proof only covers what it has reached, so every pair is either
 * reached or listed in impossible.ts with the reason.
 *
 * There are four tables: the pool and its events; a process and the reports about it; a slot and late reports about a process
 * that had it before; what is due and when the wake-up comes. All follow from the state of the core before the event.
 */
import { nextDeadline } from "../../src/core/deadline.ts"
import { isReportable } from "../../src/core/incident.ts"
import { nextToRecycle } from "../../src/core/recycle.ts"
import type { WorkerFact } from "../../src/core/event.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import {
  isLeaving,
  type Process,
  processesOf,
  type Slot,
  type State,
} from "../../src/core/state.ts"
import type { PoolMove, PoolWorld } from "../../src/proof/pool/pool-world.ts"

/** The values of a dimension, each with its number. */
type Values = { readonly [value: string]: number }

const phases = numbered("starting", "running", "stopping", "done")
const events = numbered(
  "started",
  "start failed",
  "stop() called",
  "scale() called",
  "reload() called",
  "upgrade() called",
  "signal to stop",
  "signal to reload",
  "signal to upgrade",
  "signal to scale-up",
  "signal to scale-down",
  "signal to ignore",
  "deadline reached",
  "worker said hello",
  "worker became ready",
  "worker sent a heartbeat",
  "worker was measured",
  "worker served its requests",
  "worker asked for replacement",
  "worker asked for leadership",
  "worker was signaled",
  "worker exited",
  "fork failed",
  "new primary became ready",
  "new primary exited",
  "new primary failed",
)
const processes = numbered("booting", "loaded", "starting", "ready")
const leavings = numbered(
  "stays",
  "is to stop",
  "killed because it was unresponsive",
  "killed because it was to stop",
)
const slots = numbered(
  "wanted",
  "taken back",
  "given up",
  "a replacement beside another",
  "retired",
  "a spare",
  "in a pool that stops",
)
const reports = numbered(
  "said hello",
  "became ready",
  "heartbeat",
  "takes little memory",
  "takes too much memory",
  "served its requests",
  "asked for replacement",
  "asked for leadership",
  "got a signal to stop",
  "got another signal",
  "exited with 0",
  "exited with another code",
  "was ended by a signal to stop",
  "was ended by another signal",
  "could not be forked",
)
const slotsNow = numbered(
  "free",
  "finished",
  "waiting for a respawn",
  "waiting for a restore",
  "occupied by another",
)
const lateReports = numbered(
  "hello",
  "ready",
  "heartbeat",
  "measured",
  "served its requests",
  "asked for replacement",
  "asked for leadership",
  "signaled",
  "exited",
  "fork failed",
)
const duties = numbered(
  "a kill",
  "a start timeout",
  "a heartbeat timeout",
  "a respawn",
  "a restore",
  "the end of a probation",
  "failures to report",
  "a recycling",
  "a spare",
  "the end of waiting for exits",
)
const wakeUps = numbered("too early", "in time", "late", "after a stall")

/** One value of each dimension of a table, by the name of the dimension. */
export interface Pair {
  readonly values: { readonly [dimension: string]: string }
  readonly isReached: boolean
}

/** Notes the pairs that are reached in searches. */
export class Pairs {
  readonly #pool = new Table({ pool: phases, event: events })
  readonly #process = new Table({
    process: processes,
    leaving: leavings,
    slot: slots,
    report: reports,
  })
  readonly #late = new Table({ "slot now": slotsNow, "late report": lateReports })
  readonly #wakeUp = new Table({ due: duties, "wake-up": wakeUps })

  /** Every pair there is. */
  all(): Pair[] {
    return [this.#pool, this.#process, this.#late, this.#wakeUp].flatMap((table) => table.pairs())
  }

  /** Notes what a move meets. */
  note(plan: Plan, { state, now }: PoolWorld, move: PoolMove): void {
    if (move.type === "time-passed") return
    const fact = move.type === "no-op" ? move.fact : move
    this.#pool.reach(phases[state.phase], eventOf(plan, fact))
    if (fact.type === "deadline-reached") this.#noteWakeUp(plan, state, now)
    if (!("worker" in fact) || state.phase === "done") return
    const { slot: id, incarnation } = fact.worker
    const process = processesOf(state).find((one) => one.worker.incarnation === incarnation)
    if (process === undefined) {
      const inIt = state.slots.find((one) => one.id === id)
      this.#late.reach(slotNow(inIt), lateReportOf(fact))
      return
    }
    const { phase } = process.worker
    // To the core one that was asked to stop, or killed, is the same whether it was ready or not.
    const doing = processes[isLeaving(process.worker) && phase === "ready" ? "starting" : phase]
    this.#process.reach(doing, leavingOf(process), roleOf(state, process), reportOf(plan, fact))
  }

  #noteWakeUp({ stallMs }: Plan, state: State, now: number): void {
    const latenessMs = now - (nextDeadline(state) ?? Infinity)
    const isLate = latenessMs < stallMs ? wakeUps.late : wakeUps["after a stall"]
    const whenDue = latenessMs <= 0 ? wakeUps["in time"] : isLate
    const note = (duty: number | undefined, at: number | null | undefined): void => {
      if (at === null || at === undefined) return
      this.#wakeUp.reach(duty, at > now ? wakeUps["too early"] : whenDue)
    }
    for (const slot of state.slots) {
      if (slot.state === "waiting") {
        note(slot.counted ? duties["a respawn"] : duties["a restore"], slot.forkAt)
      }
    }
    for (const { worker } of processesOf(state)) {
      if (worker.killed) continue
      note(duties["a kill"], worker.stop?.killAt)
      const duty = worker.phase === "ready" ? "a heartbeat timeout" : "a start timeout"
      note(duties[duty], worker.timeoutAt)
    }
    for (const { acceptAt } of state.replacements) {
      note(duties["the end of a probation"], acceptAt)
    }
    const { incident } = state
    const isTold = incident !== null && isReportable(incident)
    note(duties["failures to report"], isTold ? incident.reportAt : null)
    note(duties["a spare"], state.spareForkAt)
    note(duties["a recycling"], nextToRecycle(state)?.at ?? null)
    note(duties["the end of waiting for exits"], state.stop?.finishAt)
  }
}

/** All combinations of the values of some dimensions, and which of them were reached. */
class Table {
  readonly #dimensions: readonly (readonly [name: string, values: readonly string[]])[]
  readonly #sizes: readonly number[]
  readonly #reached: Uint8Array

  constructor(dimensions: { readonly [name: string]: Values }) {
    this.#dimensions = Object.entries(dimensions).map(([name, values]) => [
      name,
      Object.keys(values),
    ])
    this.#sizes = this.#dimensions.map(([, { length }]) => length)
    this.#reached = new Uint8Array(this.#sizes.reduce((product, size) => product * size))
  }

  /** Notes a combination, by the numbers of its values. Called for every transition of a search, so it does not loop. */
  reach(one = 0, two = 0, three = 0, four = 0): void {
    const [, second = 1, third = 1, fourth = 1] = this.#sizes
    this.#reached[((one * second + two) * third + three) * fourth + four] = 1
  }

  pairs(): Pair[] {
    return [...this.#reached].map((reached, index) => {
      let rest = index
      const values = this.#dimensions.toReversed().map(([name, known]) => {
        const value = known[rest % known.length]
        rest = Math.floor(rest / known.length)
        return [name, value]
      })
      return { values: Object.fromEntries(values.toReversed()), isReached: reached === 1 }
    })
  }
}

function numbered<Value extends string>(
  ...values: readonly Value[]
): { readonly [value in Value]: number } {
  return Object.fromEntries(values.map((value, number) => [value, number])) as {
    [value in Value]: number
  }
}

function eventOf(
  { signals }: Plan,
  fact: Exclude<PoolMove, { readonly type: "time-passed" | "no-op" }>,
): number {
  switch (fact.type) {
    case "started":
      return events.started
    case "start-failed":
      return events["start failed"]
    case "stop-requested":
      return events["stop() called"]
    case "scale-requested":
      return events["scale() called"]
    case "reload-requested":
      return events["reload() called"]
    case "upgrade-requested":
      return events["upgrade() called"]
    case "successor-became-ready":
      return events["new primary became ready"]
    case "successor-exited":
      return events["new primary exited"]
    case "successor-failed":
      return events["new primary failed"]
    case "signal-received":
      return events[`signal to ${signals[fact.signal] ?? "ignore"}`]
    case "deadline-reached":
      return events["deadline reached"]
    case "worker-said-hello":
      return events["worker said hello"]
    case "worker-became-ready":
      return events["worker became ready"]
    case "worker-sent-heartbeat":
      return events["worker sent a heartbeat"]
    case "worker-measured":
      return events["worker was measured"]
    case "worker-served-requests":
      return events["worker served its requests"]
    case "worker-asked-for-replacement":
      return events["worker asked for replacement"]
    case "worker-asked-for-leadership":
      return events["worker asked for leadership"]
    case "worker-was-signaled":
      return events["worker was signaled"]
    case "worker-exited":
      return events["worker exited"]
    case "fork-failed":
      return events["fork failed"]
  }
}

function leavingOf({ worker: { stop, killed } }: Process): number {
  if (stop === null) return killed ? leavings["killed because it was unresponsive"] : leavings.stays
  return killed ? leavings["killed because it was to stop"] : leavings["is to stop"]
}

function roleOf({ phase, slots: entries }: State, { role, slot: id }: Process): number {
  if (phase === "stopping") return slots["in a pool that stops"]
  if (role === "replacement") return slots["a replacement beside another"]
  if (role === "retired") return slots.retired
  if (role === "spare") return slots["a spare"]
  const slot = entries.find((one) => one.id === id)
  const desired = slot?.state === "occupied" ? slot.desired : "remove"
  if (desired === "respawn") return slots.wanted
  return desired === "restore" ? slots["taken back"] : slots["given up"]
}

function reportOf({ signals, maxMemoryBytes }: Plan, fact: WorkerFact): number {
  switch (fact.type) {
    case "worker-said-hello":
      return reports["said hello"]
    case "worker-became-ready":
      return reports["became ready"]
    case "worker-sent-heartbeat":
      return reports.heartbeat
    case "worker-measured":
      return fact.memoryBytes > Number(maxMemoryBytes)
        ? reports["takes too much memory"]
        : reports["takes little memory"]
    case "worker-served-requests":
      return reports["served its requests"]
    case "worker-asked-for-replacement":
      return reports["asked for replacement"]
    case "worker-asked-for-leadership":
      return reports["asked for leadership"]
    case "worker-was-signaled":
      return signals[fact.signal] === "stop"
        ? reports["got a signal to stop"]
        : reports["got another signal"]
    case "worker-exited":
      if (fact.code === 0) return reports["exited with 0"]
      if (fact.signal === null) return reports["exited with another code"]
      return signals[fact.signal] === "stop"
        ? reports["was ended by a signal to stop"]
        : reports["was ended by another signal"]
    case "fork-failed":
      return reports["could not be forked"]
  }
}

function lateReportOf({ type }: WorkerFact): number {
  switch (type) {
    case "worker-said-hello":
      return lateReports.hello
    case "worker-became-ready":
      return lateReports.ready
    case "worker-sent-heartbeat":
      return lateReports.heartbeat
    case "worker-measured":
      return lateReports.measured
    case "worker-served-requests":
      return lateReports["served its requests"]
    case "worker-asked-for-replacement":
      return lateReports["asked for replacement"]
    case "worker-asked-for-leadership":
      return lateReports["asked for leadership"]
    case "worker-was-signaled":
      return lateReports.signaled
    case "worker-exited":
      return lateReports.exited
    case "fork-failed":
      return lateReports["fork failed"]
  }
}

function slotNow(slot: Slot | undefined): number {
  switch (slot?.state) {
    case undefined:
      return slotsNow.free
    case "finished":
      return slotsNow.finished
    case "waiting":
      return slot.counted ? slotsNow["waiting for a respawn"] : slotsNow["waiting for a restore"]
    case "occupied":
      return slotsNow["occupied by another"]
  }
}
