/**
 * Feeds events to the core one after the other, as the loop of a pool does.
 */
import type { Event } from "./event.ts"
import type { Plan } from "./plan/plan.ts"
import type { State } from "./state.ts"
import { type Step, step } from "./step.ts"

/** An event, the commands that it led to, and the state after it. */
export interface ReplayedStep extends Step {
  /** What was reported, and when. */
  readonly event: Event
}

/** Takes in each event when it is asked for the step, so that the next event may depend on the step before it. */
export function* run(plan: Plan, from: State, events: Iterable<Event>): Generator<ReplayedStep> {
  let state = from
  for (const event of events) {
    const next = step(plan, state, event)
    state = next.state
    yield { event, ...next }
  }
}
