/**
 * Plays a reaper on a simulated machine as src/platform/reaper-life.ts decides.
 */
import type { Identity, ReaperCommand } from "../../../src/platform/reaper-command.ts"
import { beginReaper, type ReaperEvent, reaperStep } from "../../../src/platform/reaper-life.ts"
import { searchProcesses } from "../../../src/platform/reaper-search.ts"
import { type Scenario, scenarioOf } from "./scenario.ts"
import type { World } from "./world.ts"

/** The calls that it makes, in their order. */
export function decidedCalls(seed: number): readonly string[] {
  const { scenario, world } = scenarioOf(seed)
  const { plan, workers, known, news } = scenario
  const { calls, carryOut } = handsOn(world, scenario)
  const events: ReaperEvent[] = [...news, { type: "input-ended" }]
  let state = beginReaper(workers, known)
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    const step = reaperStep(plan, state, event)
    ;({ state } = step)
    events.push(...step.commands.flatMap((command) => carryOut(command) ?? []))
  }
  return calls
}

interface Hands {
  readonly calls: readonly string[]
  /** Returns the event that the command asks for. */
  carryOut(this: void, command: ReaperCommand): ReaperEvent | undefined
}

function handsOn(world: World, { place }: Scenario): Hands {
  const calls: string[] = []
  let momentAt = 0
  let elapsedMs = 0

  function call(text: string): boolean {
    calls.push(text)
    return world.call(text)
  }

  function waitAMoment(): void {
    const isShort = call("sleep 0.1")
    if (!isShort) call("sleep 1")
    const sleptMs = isShort ? 100 : 1_000
    elapsedMs = world.machine.hasClock ? world.uptimeMs - momentAt : sleptMs
    momentAt = world.uptimeMs
  }

  /** Signals a process by its identity if it lives. */
  function tell(signal: string, identity: Identity): void {
    const pid = world.living(identity)
    if (pid !== undefined) call(`${signal} ${pid}`)
  }

  function isAlive(identity: Identity): boolean {
    const pid = world.living(identity)
    return pid !== undefined && world.reaches(pid)
  }

  function carryOut(command: ReaperCommand): ReaperEvent | undefined {
    switch (command.type) {
      case "signal-workers":
        for (const pid of command.pids) call(`${command.signal} ${pid}`)
        break
      case "signal-processes":
        for (const identity of command.identities) tell(command.signal, identity)
        break
      case "start-waiting":
        momentAt = world.uptimeMs
        elapsedMs = 0
        break
      case "wait-a-moment":
        waitAMoment()
        break
      case "check-workers": {
        const alive = command.pids.filter((pid) => world.reaches(pid))
        return { type: "workers-checked", alive, elapsedMs }
      }
      case "check-processes": {
        const alive = command.identities.filter(isAlive)
        return { type: "processes-checked", alive, elapsedMs }
      }
      case "find":
        return { type: "found", identities: searchProcesses(place, command, world.listed()) }
      case "exit":
        calls.push("exit")
        break
    }
    return undefined
  }

  return { calls, carryOut }
}
