/**
 * A world that is being written to: the copy on which one move is carried out. What it replaces is never changed.
 */
import type { Fact } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { FromProcess, Primary, Process, Reaper, Side, SystemWorld } from "./system-world.ts"
import type { SystemBounds } from "./system-bounds.ts"
import { follow } from "./rules/record.ts"
import type { CauseOfDeath, Seen } from "./rules/seen.ts"
import type { Scene } from "./rules/system-rule.ts"
import { seeProcess } from "./rules/system-rules.ts"

export class Draft implements Scene {
  readonly plan: Plan
  readonly bounds: SystemBounds
  readonly now: number
  primary: Primary | null
  end: SystemWorld["end"]
  reaper: Reaper | null
  readonly processes: Process[]
  /** What is wrong: the first of it. */
  violation: string | undefined
  /** Which goals were reached, as bits. */
  reached = 0
  /** The goals of the model, in their order. */
  readonly #goals: readonly string[]

  constructor(world: SystemWorld, plan: Plan, bounds: SystemBounds, goals: readonly string[]) {
    this.#goals = goals
    this.plan = plan
    this.bounds = bounds
    this.now = world.now
    this.primary = world.primary
    this.end = world.end
    this.reaper = world.reaper
    this.processes = [...world.processes]
  }

  /** The world after the move, without the processes of which nothing is left. */
  finished(): SystemWorld {
    const processes = this.processes.filter(
      ({ os, exit, up }) =>
        os !== "dead" || (this.primary !== null && (exit !== null || up.length > 0)),
    )
    const { now, primary, end, reaper } = this
    return { now, primary, end, processes, reaper }
  }

  /** The place of a process in the list; undefined if nothing of it is left. */
  placeOf(incarnation: number): number | undefined {
    const at = this.processes.findIndex(({ worker }) => worker.incarnation === incarnation)
    return at === -1 ? undefined : at
  }

  process(at: number): Process {
    return this.processes[at] as Process
  }

  change(at: number, changes: Partial<Process>): void {
    this.processes[at] = { ...this.process(at), ...changes }
  }

  changeSide(at: number, changes: Partial<Side>): void {
    const { side } = this.process(at)
    if (side !== null) this.change(at, { side: { ...side, ...changes } })
  }

  changePrimary(changes: Partial<Primary>): void {
    if (this.primary !== null) this.primary = { ...this.primary, ...changes }
  }

  /** A goal was reached, if this is one of them. */
  reach(name: string): void {
    const index = this.#goals.indexOf(name)
    if (index >= 0) this.reached |= 1 << index
  }

  /** Shows the rules what a process does, or what becomes of it. */
  see(at: number, seen: Seen): void {
    const process = this.process(at)
    this.violation ??= seeProcess(seen, process, this)
    const record = follow(process.record, seen, this.now, this.bounds.program)
    if (record !== process.record) this.change(at, { record })
  }

  /** Notes a fact instead of the core. @returns whether it does: only where the core's part is already known. */
  tell(_fact: Fact): boolean {
    return false
  }

  /** Sends something to the primary, if the channel is open on both sides. */
  sendUp(at: number, message: FromProcess): void {
    const { isConnected, up, os } = this.process(at)
    if (os === "running" && isConnected && this.primary !== null)
      this.change(at, { up: [...up, message] })
  }

  /** Sends a process a signal. One that is pending already is one signal. */
  signal(at: number, signal: string): void {
    const { os, pending } = this.process(at)
    if (os !== "dead" && !pending.includes(signal))
      this.change(at, { pending: [...pending, signal] })
  }

  /** Sends the primary a signal. */
  signalPrimary(signal: string): void {
    if (this.primary !== null) this.changePrimary({ pending: [...this.primary.pending, signal] })
  }

  /** Ends a process. What it has sent may still be read. */
  die(at: number, code: number | null, signal: string | null, by: CauseOfDeath): void {
    if (this.process(at).os === "dead") return
    const exit = { code, signal }
    this.see(at, { type: "died", exit, by })
    const { up, isConnected } = this.process(at)
    this.change(at, {
      os: "dead",
      exit,
      side: null,
      pending: [],
      down: [],
      isBlocked: false,
      isConnected: false,
      up: this.primary === null ? [] : isConnected ? [...up, { type: "closed" }] : up,
    })
  }
}
