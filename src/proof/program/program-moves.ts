/**
 * Everything that may happen to a user's program at a moment: process and system faults, what an operator does, the actions of the
 * user, and that time passes. The name of a move finds it again in another run.
 */
import { signalsFor } from "../../core/plan/signals.ts"
import { describeMs } from "../../core/describe.ts"
import type { FakeProcess } from "../../platform/fake/process.ts"
import type { MoveClass } from "../model/model.ts"
import type { Fault } from "./faults.ts"
import { isFinished, type ProgramWorld } from "./program-world.ts"

/** Something that may happen now. */
export interface ProgramMove {
  /** A fault, a kind of time, or an action. */
  readonly kind: string
  readonly text: string
  make(): unknown
}

/** What moves of a kind do in a run. */
export function classOf(kind: string): MoveClass {
  if (kind === "tick" || kind === "wait" || kind === "jump") return "progress"
  return kind === end ? "end" : "disturbance"
}

/** The kind of a move. All that ends a run is one kind, so that many runs continue until recovery. */
export function kindOf({ kind }: ProgramMove): string {
  return kind === "stop" || kind === "primary-death" ? end : kind
}

const end = "end"

/** How many workers may be asked for, and what is left out. */
export interface ProgramMoveBounds {
  readonly mostWorkers: number
  readonly without: readonly string[]
}

const suspensionMs = 60_000

/** What is possible now, always in the same order. */
export function movesOf(
  world: ProgramWorld,
  { mostWorkers, without }: ProgramMoveBounds,
): ProgramMove[] {
  const moves: ProgramMove[] = [...passing(world)]
  const isLed = world.primaryKilledAt === null && !isFinished(world)
  const slots: number[] = []
  for (const process of world.system.processes) {
    const { slot } = process.worker
    const older = slots.filter((other) => other === slot).length
    slots.push(slot)
    moves.push(...processFaults(world, process, nameOf(slot, older), isLed))
  }
  if (isLed) {
    moves.push(...systemFaults(world), ...operating(world, mostWorkers), ...ending(world))
  }
  for (const [name, act] of Object.entries(world.test.actions ?? {})) {
    moves.push({ kind: `action ${name}`, text: name, make: act })
  }
  return without.length === 0 ? moves : moves.filter(({ kind }) => !without.includes(kind))
}

function* passing({ system: { os, nextAt } }: ProgramWorld): Generator<ProgramMove> {
  const pass = (kind: string, ms: number, text = `${describeMs(ms)} pass`): ProgramMove => ({
    kind,
    text,
    make: () => os.advance(ms),
  })
  yield pass("tick", 1)
  yield pass("wait", 100)
  if (nextAt < Infinity) {
    yield pass("wait", Math.max(0, nextAt - os.now), "time passes until the primary wakes up")
  }
  yield pass("wait", 10_000)
  yield pass("jump", 100_000)
}

/** While one worker replaces another, two are in a slot. No two processes may have the same name. */
function nameOf(slot: number, older: number): string {
  if (older === 0) return `worker ${slot}`
  return older === 1 ? `the new worker ${slot}` : `new worker ${older} of slot ${slot}`
}

function* processFaults(
  world: ProgramWorld,
  process: FakeProcess,
  name: string,
  isLed: boolean,
): Generator<ProgramMove> {
  const { plan, exempt } = world
  const { incarnation } = process.worker
  const move = (kind: Fault, text: string, make: () => void): ProgramMove => ({
    kind,
    text: `${name} ${text}`,
    make,
  })
  const exempting = (kind: Fault, text: string, make: () => void): ProgramMove =>
    move(kind, text, () => {
      exempt.add(incarnation)
      make()
    })
  yield move("crash", "crashes", () => process.exit(1))
  yield move("exit", "ends by itself", () => process.exit(0))
  yield exempting("kill", "is killed", () => process.kill())
  for (const ms of new Set([500, 2 * plan.timeoutMs])) {
    yield exempting("block", `is blocked for ${describeMs(ms)}`, () => {
      process.block()
      process.timers.after(ms, () => process.unblock())
    })
  }
  if (!isLed) return
  const [stop] = signalsFor(world.plan.signals, "stop")
  if (stop !== undefined) {
    yield move("worker-signal", `alone gets ${stop}`, () => process.receive(stop))
  }
  const latenessMs = plan.killReportMs + 1_000
  yield exempting("late-exit", `is going to end unnoticed for ${describeMs(latenessMs)}`, () =>
    process.reportExitAfter(latenessMs),
  )
  if (!process.isConnected) return
  yield exempting("channel-loss", "loses its channel", () => process.loseChannel())
}

function* systemFaults(world: ProgramWorld): Generator<ProgramMove> {
  const { pending, system, exempt } = world
  yield {
    kind: "fork-failure",
    text: "the next fork will fail",
    make: () => (pending.failures += 1),
  }
  yield {
    kind: "slow-boot",
    text: "the next worker will boot slowly",
    make: () => (pending.slowBoots += 1),
  }
  yield {
    kind: "suspend",
    text: `the machine is suspended for ${describeMs(suspensionMs)}`,
    make() {
      for (const { worker } of system.processes) exempt.add(worker.incarnation)
      world.suspendedMs += suspensionMs
      return system.os.suspend(suspensionMs)
    },
  }
}

function* operating(world: ProgramWorld, mostWorkers: number): Generator<ProgramMove> {
  const { system, pool } = world
  for (const kind of ["scale-up", "scale-down", "reload"] as const) {
    const [signal] = signalsFor(world.plan.signals, kind)
    if (signal === undefined) continue
    if (kind === "scale-up" && wantedBy(world) >= mostWorkers) continue
    yield { kind, text: `the primary gets ${signal}`, make: () => system.os.signal(signal) }
  }
  for (let target = 1; target <= mostWorkers; target += 1) {
    // Its promise is rejected if something else comes between.
    yield { kind: "scale", text: `scale(${target})`, make: () => void pool.scale(target) }
  }
  // Before all are ready, it is refused.
  if (pool.state !== "running") return
  yield { kind: "reload", text: "reload()", make: () => void pool.reload() }
}

function* ending(world: ProgramWorld): Generator<ProgramMove> {
  const { os } = world.system
  const stop = (text: string, make: () => unknown): ProgramMove => ({ kind: "stop", text, make })
  const [signal] = signalsFor(world.plan.signals, "stop")
  if (signal !== undefined) {
    yield stop(`the primary gets ${signal}`, () => os.signal(signal))
    yield stop(`all get ${signal}`, () => os.signalGroup(signal))
    yield stop(`all get ${signal}, the workers first`, () => os.signalGroup(signal, "workers"))
    yield stop(`all get ${signal} one after the other`, () => os.signalGroup(signal, "workers", 3))
  }
  yield stop("stop()", () => void world.pool.stop())
  yield {
    kind: "primary-death",
    text: "the primary is killed",
    make() {
      world.primaryKilledAt = os.now
      os.signal("SIGKILL")
    },
  }
}

/** How many slots are wanted, as far as that shows from outside. */
function wantedBy({ pool }: ProgramWorld): number {
  return pool.workers.length
}
