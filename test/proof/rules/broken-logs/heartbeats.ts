/**
 * Broken logs, each beside one that holds: when a worker that does not answer is killed (rules 4 and 15).
 */
import {
  answered,
  ask,
  due,
  exited,
  finish,
  kill,
  type Pair,
  ready,
  started,
  fork,
  hello,
  run,
  term,
} from "./log-entries.ts"

const options = { heartbeatTimeout: 200 } as const
const killSilent = (at: number) => kill(at, { rule: "heartbeat-timeout", heartbeatTimeoutMs: 200 })
const toStarting = [started, fork(0), hello(1), run(1)]

const readyAt10 = [...toStarting, ready(10)]

export const answering: readonly Pair[] = [
  {
    rule: 15,
    about: "killing one that was ready less than the timeout ago",
    options,
    violation: [...readyAt10, due(209), killSilent(209)],
    right: [...readyAt10, due(210), killSilent(210)],
  },
  {
    rule: 15,
    about: "killing a worker that has sent a heartbeat since",
    options,
    violation: [...readyAt10, answered(100), due(210), killSilent(210)],
    right: [...readyAt10, answered(100), due(210), due(300), killSilent(300)],
  },
  {
    rule: 4,
    about: "a heartbeat timeout that is not kept to",
    options,
    violation: [...readyAt10, due(210)],
    right: [...readyAt10, due(210), killSilent(210)],
  },
  {
    rule: 15,
    about: "a heartbeat timeout of one that is not ready",
    options,
    violation: [...toStarting, due(300), killSilent(300)],
    right: [...toStarting, due(300)],
  },
  {
    rule: 15,
    about: "a heartbeat timeout where there is none",
    violation: [...readyAt10, due(1_000), killSilent(1_000)],
    right: [...readyAt10, due(1_000)],
  },
  {
    rule: 15,
    about: "a heartbeat timeout of a worker that is to stop",
    options,
    violation: [
      ...readyAt10,
      term(20),
      ask(20),
      due(210),
      killSilent(210),
      exited(211),
      finish(211),
    ],
    right: [...readyAt10, term(20), ask(20), due(210), exited(211), finish(211)],
  },
  {
    rule: 15,
    about: "a heartbeat timeout right after the primary was away",
    options,
    violation: [...readyAt10, due(1_210), killSilent(1_210)],
    right: [...readyAt10, due(1_210), due(1_410), killSilent(1_410)],
  },
  {
    rule: 4,
    about: "new time for a heartbeat although the primary was merely late",
    options,
    violation: [...readyAt10, due(1_209)],
    right: [...readyAt10, due(1_209), killSilent(1_209)],
  },
]
