/**
 * A pool that lives only in steps of the core: a test tells it facts at moments of its choice and reads the orders.
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

/** The process in a slot; of two the older one, or with a plus the newer one. */
type Whom = number | `${number}+`

export class PoolInSteps {
  readonly plan: Plan
  state: State
  now = 0

  /** @param figures of the plan that no option is for. */
  constructor(options: PlanOptions = {}, figures: Partial<Plan> = {}) {
    this.plan = { ...planOf(options), ...figures }
    this.state = initialState(this.plan)
  }

  /** Takes in a fact now. */
  tell(fact: Fact): readonly Command[] {
    const { state, commands } = step(this.plan, this.state, { ...fact, at: this.now })
    this.state = state
    return commands
  }

  /** Takes in a fact and says what was ordered, in the words of `describeCommand`, without the reasons. */
  commands(fact: Fact): readonly string[] {
    return this.tell(fact).map(encoderOf)
  }

  /** Lets time pass, reaching every deadline on the way exactly when it is due. */
  pass(ms: number): readonly string[] {
    const end = this.now + ms
    const commands: string[] = []
    for (;;) {
      const next = nextDeadline(this.state)
      if (next === null || next > end) break
      this.now = Math.max(this.now, next)
      const before = this.state
      commands.push(...this.commands({ type: "deadline-reached" }))
      if (this.state === before) throw new Error(`the deadline at ${next} was reached in vain`)
    }
    this.now = end
    return commands
  }

  start(): readonly string[] {
    return this.commands({ type: "started" })
  }

  /** Starts and brings every worker to ready. */
  run(): this {
    this.start()
    for (const slot of this.state.slots) this.ready(slot.id)
    return this
  }

  hello(id: Whom): readonly string[] {
    return this.commands({ type: "worker-said-hello", worker: this.worker(id) })
  }

  ready(id: Whom): readonly string[] {
    return [
      ...this.hello(id),
      ...this.commands({ type: "worker-became-ready", worker: this.worker(id) }),
    ]
  }

  exit(id: Whom, code: number | null = 0, signal: string | null = null): readonly string[] {
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

  signalWorker(id: Whom, signal: string): readonly string[] {
    return this.commands({ type: "worker-was-signaled", worker: this.worker(id), signal })
  }

  worker(whom: Whom): WorkerRef {
    const id = typeof whom === "number" ? whom : Number.parseInt(whom, 10)
    const [older, newer] = processesOf(this.state).filter(({ slot }) => slot === id)
    const process = typeof whom === "number" ? older : newer
    if (process === undefined) throw new Error(`no process ${whom} lives`)
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

function encoderOf(command: Command): string {
  return describeCommand(command).split(": ")[0] ?? ""
}
