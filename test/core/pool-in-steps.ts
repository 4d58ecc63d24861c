/**
 * A pool that lives in steps of the core only. A test feeds it events at chosen moments and reads the commands.
 */
import { placesOf, processesOf } from "../../src/core/state.ts"
import {
  describeCommand,
  type Command,
  type Fact,
  initialState,
  nextDeadline,
  type Plan,
  type PlanOptions,
  planFrom,
  type State,
  step,
  type WorkerRef,
} from "../../src/core/index.ts"

export function planOf(options: PlanOptions = {}): Plan {
  return planFrom({ workers: 2, ...options }, { cores: () => 2, seed: 7 })
}

/** The process in a slot: the older one of two, or the newer one with a plus. */
type ProcessName = number | `${number}+`

export class PoolInSteps {
  readonly plan: Plan
  state: State
  now = 0

  /** @param figures figures of the plan that have no option. */
  constructor(options: PlanOptions = {}, figures: Partial<Plan> = {}) {
    this.plan = { ...planOf(options), ...figures }
    this.state = initialState(this.plan)
  }

  /** Takes an event that happens now. @returns the commands that follow. */
  tell(fact: Fact): readonly Command[] {
    const { state, commands } = step(this.plan, this.state, { ...fact, at: this.now })
    this.state = state
    return commands
  }

  /** Takes an event that happens now. @returns the commands in the words of `describeCommand`, without the reasons. */
  commands(fact: Fact): readonly string[] {
    return this.tell(fact).map(withoutReason)
  }

  /** Lets time pass, and reaches every deadline on the way exactly when it is due. */
  pass(ms: number): readonly string[] {
    const end = this.now + ms
    const commands: string[] = []
    for (;;) {
      const next = nextDeadline(this.state)
      if (next === null || next > end) break
      this.now = Math.max(this.now, next)
      const before = this.state
      commands.push(...this.commands({ type: "deadline-reached" }))
      if (this.state === before) throw new Error(`the deadline at ${next} had no effect`)
    }
    this.now = end
    return commands
  }

  start(): readonly string[] {
    return this.commands({ type: "started" })
  }

  /** Starts the pool and makes every worker ready. */
  run(): this {
    this.start()
    for (const slot of this.state.slots) this.ready(slot.id)
    return this
  }

  hello(id: ProcessName): readonly string[] {
    return this.commands({ type: "worker-said-hello", worker: this.worker(id) })
  }

  ready(id: ProcessName): readonly string[] {
    return [
      ...this.hello(id),
      ...this.commands({ type: "worker-became-ready", worker: this.worker(id) }),
    ]
  }

  exit(id: ProcessName, code: number | null = 0, signal: string | null = null): readonly string[] {
    const worker = this.worker(id)
    return this.commands({
      type: "worker-exited",
      worker,
      code: signal === null ? code : null,
      signal,
    })
  }

  signal(signal: string): readonly string[] {
    return this.commands({ type: "signal-received", signal })
  }

  scale(target: number): readonly string[] {
    return this.commands({ type: "scale-requested", target })
  }

  signalWorker(id: ProcessName, signal: string): readonly string[] {
    return this.commands({ type: "worker-was-signaled", worker: this.worker(id), signal })
  }

  /** A worker gets a stop signal, and for as long as one to the whole group takes, the pool does not. */
  signalWorkerAlone(id: ProcessName, signal = "SIGTERM"): readonly string[] {
    return [...this.signalWorker(id, signal), ...this.pass(250)]
  }

  worker(name: ProcessName): WorkerRef {
    const id = typeof name === "number" ? name : Number.parseInt(name, 10)
    const [older, newer] = processesOf(this.state).filter(({ slot }) => slot === id)
    const process = typeof name === "number" ? older : newer
    if (process === undefined) throw new Error(`no process ${name} lives`)
    return { slot: id, incarnation: process.worker.incarnation }
  }

  reload(): readonly string[] {
    return this.commands({ type: "reload-requested" })
  }

  /** The slots and processes as one word each: "1:ready 2:waiting 3:ready-stopping-remove 3:booting-replacement". */
  get slots(): string {
    const { slots } = this.state
    const roles = new Map(
      processesOf(this.state).map(({ role, worker }) => [worker.incarnation, role]),
    )
    return placesOf(this.state)
      .map(({ slot: id, state, worker }) => {
        if (worker === null) return `${id}:${state}`
        const { phase, stop, killed } = worker
        const doing = killed ? "killed" : stop === null ? phase : `${phase}-stopping`
        const role = roles.get(worker.incarnation)
        const slot = slots.find((candidate) => candidate.id === id)
        const desired = slot?.state === "occupied" ? slot.desired : "remove"
        const suffix =
          role === "current" ? (desired === "respawn" ? "" : `-${desired}`) : `-${role}`
        return `${id}:${doing}${suffix}`
      })
      .join(" ")
  }
}

function withoutReason(command: Command): string {
  return describeCommand(command).split(": ")[0] ?? ""
}
