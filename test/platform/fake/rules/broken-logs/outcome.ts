/**
 * Broken logs, each beside one that holds: the exit code, and what scaling does (safety 10 and 13).
 */
import {
  ended,
  exited,
  finish,
  first,
  fork,
  giveUp,
  next,
  respawn,
  scale,
  scaleTo,
  second,
  signal,
  started,
  term,
  toReady,
  toStop,
  type Pair,
} from "./log-entries.ts"

export const outcome: readonly Pair[] = [
  {
    rule: 10,
    about: "a failure since the stop",
    wrong: [...toStop, exited(11, first, 1), finish(11, 0)],
    right: [...toStop, exited(11, first, 1), finish(11, 1)],
  },
  {
    rule: 10,
    about: "a failure before the stop",
    wrong: [
      ...toReady,
      exited(10, first, 1),
      respawn(10, next),
      term(11),
      exited(12, next),
      finish(12, 1),
    ],
    right: [
      ...toReady,
      exited(10, first, 1),
      respawn(10, next),
      term(11),
      exited(12, next),
      finish(12, 0),
    ],
  },
  {
    rule: 10,
    about: "death by a stop signal before the hello",
    wrong: [started, fork(0), term(1), ended(2, first, "SIGTERM"), finish(2, 1)],
    right: [started, fork(0), term(1), ended(2, first, "SIGTERM"), finish(2, 0)],
  },
  {
    rule: 10,
    about: "death by a stop signal after the hello",
    wrong: [...toStop, ended(11, first, "SIGTERM"), finish(11, 0)],
    right: [...toStop, ended(11, first, "SIGTERM"), finish(11, 1)],
  },
  {
    rule: 10,
    about: "giving up",
    options: { respawnLimit: 0 },
    wrong: [...toReady, exited(10), giveUp(10), finish(10, 0)],
    right: [...toReady, exited(10), giveUp(10), finish(10, 1)],
  },
  {
    rule: 10,
    about: "a final exit that was not 0",
    options: { respawn: "never" },
    wrong: [...toReady, exited(9, first, 1), finish(9, 0, { rule: "all-finished", failed: true })],
    right: [...toReady, exited(9, first, 1), finish(9, 1, { rule: "all-finished", failed: true })],
  },
  {
    rule: 13,
    about: "the same target again",
    wrong: [...toReady, scaleTo(5, 1), scale(5, 1, 1)],
    right: [...toReady, scaleTo(5, 2), scale(5, 1, 2), fork(5, second)],
  },
  {
    rule: 13,
    about: "a target below one",
    wrong: [...toReady, signal(5, "SIGTTOU"), scale(5, 1, 0)],
    right: [...toReady, signal(5, "SIGTTOU")],
  },
  {
    rule: 13,
    about: "scaling during a stop",
    wrong: [...toStop, signal(11, "SIGTTIN"), scale(11, 1, 2), exited(12), finish(12)],
    right: [...toStop, signal(11, "SIGTTIN"), exited(12), finish(12)],
  },
  {
    rule: 13,
    about: "scaling that does not come about",
    options: { workers: 2 },
    wrong: [scaleTo(0, 1), started, fork(0)],
    right: [scaleTo(0, 1), scale(0, 2, 1), started, fork(0)],
  },
]
