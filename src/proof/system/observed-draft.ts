/** A draft of one process that notes what its log would say: the facts of its primary, and its own actions. */
import type { Fact } from "../../core/event.ts"
import type { Plan } from "../../core/plan/plan.ts"
import type { WorkerAction } from "../../worker/host.ts"
import { Draft } from "./draft.ts"
import { isOfWorker, textOfAction, textOfFact } from "./letters.ts"
import { follow } from "./rules/record.ts"
import type { Seen } from "./rules/seen.ts"
import { newPrimary, type Process, type SystemWorld } from "./system-world.ts"

export class ObservedDraft extends Draft {
  /** In order, as texts. */
  readonly letters: string[] = []

  /** The core is not told: the log says what it does. */
  override tell(fact: Fact): boolean {
    if (isOfWorker(fact)) this.letters.push(textOfFact(fact))
    return true
  }

  /** The rules are proven of every run. Here is only asked whether there is one. */
  override see(at: number, seen: Seen): void {
    const { record, worker } = this.process(at)
    const action = actionOf(seen)
    if (action !== undefined) this.letters.push(textOfAction(action, worker.slot))
    this.change(at, { record: follow(record, seen, this.now, this.bounds.program) })
  }
}

function actionOf({ type }: Seen): WorkerAction | undefined {
  switch (type) {
    case "called-run":
    case "called-shutdown":
    case "called-listeners":
      return type
    case "exits":
      return "exited"
    default:
      return undefined
  }
}

/** A world with one process at most, and a primary in whose place the log decides. */
export function worldOf(plan: Plan, process: Process | undefined, isLed: boolean): SystemWorld {
  return {
    now: 0,
    primary: isLed ? newPrimary(plan) : null,
    end: null,
    processes: process === undefined ? [] : [process],
    reaper: null,
  }
}
