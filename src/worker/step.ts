/**
 * One step of the worker's side, as a pure function: what it is told or finds out goes in, what work.ts carries out comes
 * out. The decisions about its life are in life.ts. Here stands what surrounds them: what a message of the primary means to
 * this very slot, which signal its program is told of, and how long its exit may take.
 */
import type { Plan } from "../core/plan/plan.ts"
import { maxRequestsOf } from "../core/recycling-limits.ts"
import {
  type Doing,
  initialLife,
  type Life,
  type LifeCommand,
  type LifeEvent,
  type LifePlan,
  stepLife,
} from "./life.ts"
import type { ToWorker } from "./message.ts"
import type { WorkerProgram } from "./program.ts"

/** The worker's side, as plain data. */
export interface Work {
  readonly life: Life
  /** What its decisions depend on, for the slot that it fills. */
  readonly plan: LifePlan
  /** The signal that its program is told of. */
  readonly stopSignal: string
}

/** What the worker's side is told, or finds out. */
export type WorkEvent =
  | { readonly type: "told"; readonly message: ToWorker }
  | Exclude<LifeEvent, { readonly type: "told-to-run" | "told-to-stop" }>

/** What work.ts does next. */
export type WorkCommand =
  | Exclude<LifeCommand, { readonly type: "exit" | "call-listeners" }>
  /** Let `context.exclusive()` resolve. */
  | { readonly type: "make-leader" }
  /** Call the program's own listeners to this signal. */
  | { readonly type: "call-listeners"; readonly signal: string }
  /** End the process. What it has written and sent has this long to arrive. */
  | { readonly type: "exit"; readonly code: number; readonly withinMs: number }

/** What the program in this worker does at the moment. */
export interface ProgramState extends Omit<Doing, "listens"> {
  /** Whether it listens to a signal itself. */
  listensTo(signal: string): boolean
}

export interface WorkStep {
  readonly work: Work
  readonly commands: readonly WorkCommand[]
}

/** A worker that cannot get rid of its output exits this much before it would be killed. */
const exitMarginMs = 500

/** The worker's side before it is told anything. */
export function initialWork(program: Pick<WorkerProgram, "plan" | "idle" | "shutdown">): Work {
  const { respawn } = program.plan
  const idle = respawn !== "always" ? "ends" : program.idle === "fail" ? "fails" : "stays"
  const hasShutdown = program.shutdown !== undefined
  return {
    life: initialLife,
    plan: { ...program.plan, maxRequests: false, idle, hasShutdown },
    stopSignal: "SIGTERM",
  }
}

/**
 * Takes in one event.
 *
 * @param pool the plan of the pool.
 */
export function stepWork(
  pool: Plan,
  work: Work,
  event: WorkEvent,
  at: number,
  program: ProgramState,
): WorkStep {
  if (event.type !== "told") return live(work, event, at, program)
  const { message } = event
  switch (message.type) {
    case "run": {
      const plan = { ...work.plan, maxRequests: maxRequestsOf(pool, message.slot) }
      const { willListen } = message
      return live({ ...work, plan }, { type: "told-to-run", willListen }, at, program)
    }
    case "stop": {
      const { signal, cause } = message
      const isFirst = work.life.phase === "running"
      const told = isFirst ? { ...work, stopSignal: signal } : work
      return live(told, { type: "told-to-stop", signal, cause }, at, program)
    }
    case "grant-leadership":
      return { work, commands: [{ type: "make-leader" }] }
  }
}

/** Whose listeners are called. Ctrl-C is a stop like any other to a program that listens to SIGTERM alone. */
export function ownSignalOf({ plan, stopSignal }: Work, program: ProgramState): string {
  const mayFallBack = plan.signals["SIGTERM"] === "stop"
  return program.listensTo(stopSignal) || !mayFallBack ? stopSignal : "SIGTERM"
}

function live(work: Work, event: LifeEvent, at: number, program: ProgramState): WorkStep {
  const { plan } = work
  const next = stepLife(plan, work.life, event, at, {
    get takesSignal() {
      return program.takesSignal
    },
    get listens() {
      return program.listensTo(ownSignalOf(work, program))
    },
    get exitCode() {
      return program.exitCode
    },
  })
  const after: Work = { ...work, life: next.life }
  const commands = next.commands.map((command): WorkCommand => {
    switch (command.type) {
      case "call-listeners":
        return { type: "call-listeners", signal: ownSignalOf(after, program) }
      case "exit":
        return { ...command, withinMs: exitMs(after, at) }
      default:
        return command
    }
  })
  return { work: after, commands }
}

/** How long the exit may take: until shortly before this worker would be killed. */
function exitMs({ plan, life }: Work, at: number): number {
  const { timeoutMs, heartbeatIntervalMs } = plan
  // No heartbeat follows. Of those that this worker has time for, two may be missed.
  const silentMs = heartbeatIntervalMs === 0 ? Infinity : 2 * heartbeatIntervalMs
  const leftMs =
    life.askedAt === null
      ? Math.min(timeoutMs, silentMs)
      : Math.max(0, life.askedAt + timeoutMs - at)
  return leftMs - Math.min(exitMarginMs, leftMs / 2)
}
