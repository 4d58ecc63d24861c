/**
 * Broken logs, each beside one that holds: which failures are reported as one, and what they have in common (rule 18).
 */
import type { CorrelatedFailures } from "../../../../src/core/index.ts"
import type { LogEntry } from "../../../../src/platform/log-entry.ts"
import {
  answered,
  ask,
  due,
  ended,
  exited,
  finish,
  first,
  fork,
  hello,
  command,
  type Pair,
  ready,
  run,
  second,
  term,
  twoReady,
  worker,
} from "./log-entries.ts"

const third = worker(3, 3)
const options = { workers: 3, respawn: "never" } as const
const [begin, ...rest] = twoReady
const threeServe = [
  ...(begin === undefined ? [] : [begin]),
  ...rest.slice(0, 2),
  fork(0, third),
  ...rest.slice(2),
  hello(1, third),
  run(1, third),
  ...[first, second, third].map((ref) => ready(2, ref)),
]
const both = [...threeServe, exited(10, first, 1), exited(14, second, 1)]
const allFinished = { rule: "all-finished", failed: true } as const
const right: CorrelatedFailures = {
  rule: "correlated-failures",
  slots: [1, 2],
  of: 3,
  withinMs: 4,
  code: 1,
  signal: null,
  killed: false,
  uptime: { leastMs: 8, mostMs: 12 },
}

/** Two of three failures are told of. */
function told(at: number, figures: Partial<CorrelatedFailures> = {}): LogEntry {
  return command(at, { type: "announce-incident", reason: { ...right, ...figures } })
}

/** What is told at the right time, and wrong. */
const wrongFigures: readonly (readonly [about: string, figures: Partial<CorrelatedFailures>])[] = [
  ["a slot whose worker lives", { slots: [1, 2, 3] }],
  ["how many were wanted", { of: 2 }],
  ["how long it took", { withinMs: 5 }],
  ["another code", { code: 2 }],
  ["a signal where there was none", { signal: "SIGKILL" }],
  ["kills where there were none", { killed: true }],
  ["how long they had been ready", { uptime: { leastMs: 8, mostMs: 11 } }],
  ["that they had not been ready", { uptime: "not-ready" }],
]

export const dyingTogether: readonly Pair[] = [
  ...wrongFigures.map(([about, figures]): Pair => {
    const rest = [...both, due(1_010)]
    return {
      rule: 18,
      about: `to tell of failures with ${about}`,
      options,
      violation: [...rest, told(1_010, figures)],
      right: [...rest, told(1_010)],
    }
  }),
  {
    rule: 18,
    about: "to pass over failures that are due to be told",
    options,
    violation: [...both, due(1_010)],
    right: [...both, due(1_010), told(1_010)],
  },
  {
    rule: 18,
    about: "to let the time to tell pass without a wake-up",
    options,
    violation: [...both, answered(1_011, third)],
    right: [...both, answered(1_010, third)],
  },
  {
    rule: 18,
    about: "to tell too early",
    options,
    violation: [...both, due(1_009), told(1_009)],
    right: [...both, due(1_009)],
  },
  {
    rule: 18,
    about: "to tell twice",
    options,
    violation: [...both, due(1_010), told(1_010), told(1_010)],
    right: [...both, due(1_010), told(1_010)],
  },
  {
    rule: 18,
    about: "to tell of one failure alone",
    options,
    violation: [...threeServe, exited(10, first, 1), due(1_010), told(1_010, { slots: [1] })],
    right: [...threeServe, exited(10, first, 1), due(1_010)],
  },
  {
    rule: 18,
    about: "to tell of one that ended well",
    options,
    violation: [...threeServe, exited(10, first, 1), exited(14, second), due(1_010), told(1_010)],
    right: [...threeServe, exited(10, first, 1), exited(14, second), due(1_010)],
  },
  {
    rule: 18,
    about: "to call different ends the same",
    options,
    violation: [
      ...threeServe,
      exited(10, first, 1),
      ended(14, second),
      due(1_010),
      told(1_010, { code: 1 }),
    ],
    right: [
      ...threeServe,
      exited(10, first, 1),
      ended(14, second),
      due(1_010),
      told(1_010, { code: null }),
    ],
  },
  {
    rule: 18,
    about: "to stop without having told",
    options,
    violation: [...both, term(20), ask(20, third), exited(21, third), finish(21)],
    right: [...both, term(20), told(20), ask(20, third), exited(21, third), finish(21)],
  },
  {
    rule: 18,
    about: "to be done without having told",
    options,
    violation: [...both, exited(20, third), finish(20, 1, allFinished)],
    right: [...both, exited(20, third), told(20), finish(20, 1, allFinished)],
  },
]
