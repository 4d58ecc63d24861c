/**
 * Broken logs, each beside one that holds: which processes there are (safety 5 and 11).
 */
import {
  ask,
  due,
  ended,
  exited,
  finish,
  first,
  fork,
  kill,
  next,
  order,
  respawn,
  second,
  signalled,
  started,
  term,
  toReady,
  worker,
  type Pair,
} from "./log-entries.ts"

export const incarnations: readonly Pair[] = [
  {
    rule: 5,
    about: "an order to a dead process",
    options: { respawnLimit: 5 },
    wrong: [
      ...toReady,
      signalled(5),
      ask(5, first, "direct-signal"),
      exited(6),
      due(255),
      respawn(255, next),
      due(505),
      kill(505),
    ],
    right: [
      ...toReady,
      signalled(5),
      ask(5, first, "direct-signal"),
      due(505),
      kill(505),
      ended(506),
      respawn(506, next),
    ],
  },
  {
    rule: 5,
    about: "asking a process that boots",
    wrong: [started, fork(0), term(1), ask(1), exited(2), finish(2)],
    right: [started, fork(0), term(1), exited(2), finish(2)],
  },
  {
    rule: 5,
    about: "asking a process that was never forked",
    wrong: [...toReady, term(10), ask(10), ask(10, second), exited(11), finish(11)],
    right: [...toReady, term(10), ask(10), exited(11), finish(11)],
  },
  {
    rule: 11,
    about: "a report about a process that was never forked",
    wrong: [...toReady, exited(9, second)],
    right: [...toReady, exited(9), respawn(9, next), exited(9)],
  },
  {
    rule: 11,
    about: "an order that follows from a report about the dead",
    wrong: [
      ...toReady,
      exited(10),
      respawn(10, next),
      exited(20),
      order(20, { type: "announce-stop", signal: "SIGTERM", reason: { rule: "hello" } }),
    ],
    right: [...toReady, exited(10), respawn(10, next), exited(20)],
  },
  {
    rule: 11,
    about: "a number that is used again",
    options: { workers: 2 },
    wrong: [started, fork(0, next), fork(0, worker(2, 1))],
    right: [started, fork(0, first), fork(0, second)],
  },
]
