/**
 * A system's world as integers: worlds that write the same count as one situation in a search. Times count from now.
 * Processes are numbered by their age.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { processesOf } from "../../core/state.ts"
import type { Encoder } from "../model/encoder.ts"
import { stateEncoder } from "../pool/encode-state.ts"
import type { Rank } from "../pool/encode-values.ts"
import type { Life } from "../../worker/life.ts"
import type { ProcessRecord } from "./rules/record.ts"
import type { Departure, Primary, Process, Reaper, Side, SystemWorld } from "./system-world.ts"

/** A number for each text, in the order in which they are met. */
class Numbers {
  readonly #known = new Map<string, number>()

  of(text: string): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, this.#known.size)
    return this.#known.size - 1
  }
}

/** Writes the worlds of one plan. */
export function systemEncoderOf(plan: Plan): (world: SystemWorld, encoder: Encoder) => void {
  const states = stateEncoder(plan)
  const texts = new Numbers()
  /** Of each message, once: they are plain data, and there are few. */
  const messages = new WeakMap<object, number>()
  /** How long ago something was matters no more than this. */
  const mostMs = plan.timeoutMs + 1

  function writeMessages(given: readonly object[], encoder: Encoder): void {
    encoder.write(given.length)
    for (const message of given) {
      let number = messages.get(message)
      if (number === undefined) {
        number = texts.of(JSON.stringify(message))
        messages.set(message, number)
      }
      encoder.write(number)
    }
  }

  function writeText(text: string, encoder: Encoder): void {
    encoder.write(texts.of(text))
  }

  function writeAt(at: number | null, now: number, encoder: Encoder): void {
    encoder.writeOrNull(at === null ? null : Math.max(at - now, -mostMs))
  }

  function writePrimary(
    { state, pending, keeping, holdsConnection, groupVictims }: Primary,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    states.writePool(state, now, encoder)
    if (state.reload !== null) {
      encoder.write(rank(state.reload.firstNewIncarnation))
      encoder.writeFlag(state.reload.isQueued)
    } else encoder.write(-1)
    encoder.write(state.failedStarts === null ? -1 : state.failedStarts.length)
    if (plan.spares > 0) states.writeSpares(state, now, rank, encoder)
    const most = Math.max(
      state.slots.at(-1)?.id ?? 0,
      ...state.replacements.map(({ slot }) => slot),
      ...state.retired.map(({ slot }) => slot),
    )
    for (let id = 1; id <= most; id += 1) {
      const slot = state.slots.find((candidate) => candidate.id === id)
      encoder.writeFlag(slot !== undefined)
      if (slot !== undefined) states.writeSlot(slot, now, rank, encoder)
      states.writeOthers(state, id, now, rank, encoder)
      encoder.write(-7)
    }
    encoder.write(pending.length)
    for (const signal of pending) writeText(signal, encoder)
    encoder.writeFlag(holdsConnection)
    writeText(keeping.phase, encoder)
    encoder.writeFlag(keeping.restartedAt === null)
    encoder.write(keeping.workers.length)
    for (const pid of keeping.workers) encoder.write(rank(pid))
    encoder.write(groupVictims.length)
    for (const slot of groupVictims) encoder.write(slot)
  }

  function writeReaper(
    { state, looksAt, lookedAt }: Reaper,
    now: number,
    rank: Rank,
    encoder: Encoder,
  ): void {
    writeText(state.phase, encoder)
    encoder.write(state.workers.length)
    for (const pid of state.workers) encoder.write(rank(pid))
    // While its primary lives, it waits for nothing.
    if (state.phase === "reading") return
    encoder.write(state.waitedMs)
    writeAt(looksAt, now, encoder)
    writeAt(lookedAt, now, encoder)
  }

  function writeProcess(process: Process, now: number, encoder: Encoder): void {
    const { exit, link, side, record } = process
    encoder.write(process.worker.slot)
    encoder.write(bits(process.isConnected, process.isLinked, process.isListed, link.isDead))
    writeMessages(process.up, encoder)
    writeText(link.said, encoder)
    writeText(record.reported, encoder)
    writeAt(process.hangUpAt, now, encoder)
    if (process.os === "dead") {
      return encoder.write(exit === null ? -3 : texts.of(`${exit.code} ${exit.signal}`))
    }
    encoder.write(process.pending.length)
    for (const signal of process.pending) writeText(signal, encoder)
    writeAt(record.askedAt, now, encoder)
    if (side !== null && side.leaving !== null) {
      return writeLeaving(process, side.leaving, now, encoder)
    }
    encoder.writeFlag(process.isBlocked)
    writeMessages(process.down, encoder)
    writeRecord(record, now, encoder)
    if (side === null) encoder.write(-1)
    else writeSide(side, now, encoder)
  }

  function writeRecord(record: ProcessRecord, now: number, encoder: Encoder): void {
    const { runCalls, shutdownCalls, toldToStop } = record
    encoder.write(Math.min(runCalls, 2) * 3 + Math.min(shutdownCalls, 2))
    writeText(toldToStop ?? "", encoder)
    writeAt(record.toldAt, now, encoder)
    encoder.write(
      bits(
        record.isLeader,
        record.isRunPending,
        record.endsByRun,
        record.hasFailed,
        record.isIdle,
        record.wasSignaledAlone,
        record.isClosing,
        record.wasBlocked,
      ),
    )
    encoder.write(
      bits(
        record.isCandidate,
        record.isAborted,
        record.hasReturned,
        record.closesReturned,
        record.saidDone !== "no",
        record.saidDone === "exit",
        record.isOverdue,
        record.hasSentFailure,
      ),
    )
  }

  /** One that leaves takes in nothing any more, and its program does not count. */
  function writeLeaving(
    { side, record, down, isBlocked }: Process,
    leaving: Departure,
    now: number,
    encoder: Encoder,
  ): void {
    encoder.write(-2)
    writeText(leaving.step, encoder)
    encoder.write(leaving.code)
    writeAt(leaving.overdueAt, now, encoder)
    encoder.write(side?.requests ?? 0)
    encoder.write(bits(side?.accepts === true, record.isLeader, record.wasSignaledAlone, isBlocked))
    writeAt(record.toldAt, now, encoder)
    writeMessages(down, encoder)
  }

  function writeSide(side: Side, now: number, encoder: Encoder): void {
    writeLife(side.work.life, now, encoder)
    writeText(side.work.stopSignal, encoder)
    for (const text of [side.run, side.shutdown, side.awaits, side.closing, side.listeners]) {
      writeText(text, encoder)
    }
    encoder.write(bits(side.isWatchedForIdleness, side.countsRequests, side.measures, side.accepts))
    writeAt(side.heartbeatAt, now, encoder)
    writeAt(side.deadlineAt, now, encoder)
    writeAt(side.listenersAt, now, encoder)
    encoder.write(side.requests)
  }

  function writeLife(life: Life, now: number, encoder: Encoder): void {
    writeText(life.phase, encoder)
    encoder.write(
      bits(life.isRunPending, life.isReady, life.willListen, life.asksToLead, life.endsByRun),
    )
    writeAt(life.askedAt, now, encoder)
    encoder.write(life.closeConnectionsAfterMs)
    const { own } = life
    if (own === null) return encoder.write(-1)
    writeText(own.step, encoder)
    encoder.write(bits(own.isPending, own.isUntold, own.isLeaving, own.isWatched))
  }

  return (world, encoder) => {
    const { now, primary, end, processes, reaper } = world
    const rank = ranksOf(world)
    if (primary === null) {
      writeText(end?.how ?? "", encoder)
      writeAt(end?.at ?? null, now, encoder)
    } else writePrimary(primary, now, rank, encoder)
    if (reaper === null) encoder.write(-1)
    else writeReaper(reaper, now, rank, encoder)
    for (const process of processes) {
      encoder.write(rank(process.worker.incarnation))
      writeProcess(process, now, encoder)
    }
  }
}

function bits(...flags: readonly boolean[]): number {
  let word = 0
  for (const flag of flags) word = word * 2 + (flag ? 1 : 0)
  return word
}

/** Processes in their old order, numbered again. */
function ranksOf({ primary, processes }: SystemWorld): Rank {
  const known = processes.map(({ worker }) => worker.incarnation)
  if (primary !== null) {
    for (const { worker } of processesOf(primary.state)) {
      if (!known.includes(worker.incarnation)) known.push(worker.incarnation)
    }
  }
  return (incarnation) => {
    let rank = 1
    for (const other of known) if (other < incarnation) rank += 1
    return rank
  }
}
