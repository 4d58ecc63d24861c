import { expect, test } from "vitest"
import type { Fact } from "../../../src/core/event.ts"
import { step } from "../../../src/core/step.ts"
import { initialState } from "../../../src/core/state.ts"
import { followEvent } from "../../../src/proof/rules/follow-event.ts"
import { followCommand } from "../../../src/proof/rules/follow-command.ts"
import { type History, historyOf } from "../../../src/proof/rules/history.ts"
import { contextOf } from "../../../src/proof/rules/event-context.ts"
import { planOf } from "../../core/pool-in-steps.ts"

const plan = planOf({ heartbeatTimeout: 10_000, recycle: { maxMemory: 100 } })
const worker = { slot: 1, incarnation: 1 }
const dead = { slot: 2, incarnation: 9 }

/** What is known of a pool once the facts have reached it, all at one moment, and its orders were followed. */
function after(...facts: readonly Fact[]): History {
  let state = initialState(plan)
  let history = historyOf(plan)
  for (const fact of facts) {
    const event = { ...fact, at: 0 }
    const context = contextOf(history, event)
    history = followEvent(history, event, context)
    const next = step(plan, state, event)
    state = next.state
    for (const command of next.commands) history = followCommand(history, command, 0)
  }
  return history
}

const running: readonly Fact[] = [
  { type: "started" },
  { type: "worker-said-hello", worker },
  { type: "worker-became-ready", worker },
  { type: "worker-measured", worker, memoryBytes: 1 },
]

test.each<{ fact: Fact; before?: readonly Fact[] }>([
  { fact: { type: "started" } },
  { fact: { type: "start-failed" } },
  { fact: { type: "deadline-reached" } },
  { fact: { type: "signal-received", signal: "SIGWINCH" } },
  { fact: { type: "scale-requested", target: 2 } },
  { fact: { type: "worker-said-hello", worker } },
  { fact: { type: "worker-became-ready", worker } },
  { fact: { type: "worker-measured", worker, memoryBytes: 1 } },
  { fact: { type: "worker-was-signaled", worker, signal: "SIGWINCH" } },
  { fact: { type: "worker-sent-heartbeat", worker: { slot: 2, incarnation: 2 }, agoMs: 0 } },
  { fact: { type: "worker-became-ready", worker: dead } },
  { fact: { type: "worker-exited", worker: dead, code: 1, signal: null } },
  {
    fact: { type: "reload-requested" },
    before: [{ type: "reload-requested" }, { type: "reload-requested" }],
  },
  {
    fact: { type: "stop-requested", signal: "SIGTERM" },
    before: [{ type: "stop-requested", signal: "SIGINT" }],
  },
  {
    fact: { type: "scale-requested", target: 3 },
    before: [{ type: "stop-requested", signal: "SIGINT" }],
  },
  {
    fact: { type: "signal-received", signal: "SIGTTIN" },
    before: [{ type: "stop-requested", signal: "SIGINT" }],
  },
])(
  "followEvent() returns the same history if $fact.type happens again",
  ({ fact, before = [] }) => {
    const history = after(...running, ...before)
    const event = { ...fact, at: 5 }
    expect(followEvent(history, event, contextOf(history, event))).toBe(history)
  },
)
