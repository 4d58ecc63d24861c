/**
 * Broken logs, each beside one that holds: when a process is killed (rule 4).
 */
import {
  ask,
  due,
  ended,
  finish,
  first,
  fork,
  kill,
  killBooting,
  signaled,
  started,
  term,
  toReady,
  toStop,
  type Pair,
} from "./log-entries.ts"

export const killing: readonly Pair[] = [
  {
    rule: 4,
    about: "an early kill",
    violation: [...toStop, due(509), kill(509), ended(511), finish(511, 1)],
    right: [...toStop, due(510), kill(510), ended(511), finish(511, 1)],
  },
  {
    rule: 4,
    about: "a late kill",
    violation: [...toStop, due(511), kill(511), ended(512), finish(512, 1)],
    right: [...toStop, due(510), kill(510), ended(512), finish(512, 1)],
  },
  {
    rule: 4,
    about: "a kill that the stop of the pool has moved",
    violation: [
      ...toReady,
      signaled(5),
      due(255),
      ask(255, first, "direct-signal"),
      term(260),
      due(760),
      kill(760),
      ended(761),
      finish(761, 1),
    ],
    right: [
      ...toReady,
      signaled(5),
      due(255),
      ask(255, first, "direct-signal"),
      term(260),
      due(755),
      kill(755),
      ended(761),
      finish(761, 1),
    ],
  },
  {
    rule: 4,
    about: "a kill at the stop of a worker that has said hello",
    violation: [...toReady, term(10), killBooting(10), ended(11), finish(11, 1)],
    right: [started, fork(0), term(10), killBooting(10), ended(11), finish(11)],
  },
  {
    rule: 4,
    about: "a kill of a booting worker that is not to stop",
    violation: [started, fork(0), due(9), killBooting(9)],
    right: [started, fork(0), due(9)],
  },
  {
    rule: 4,
    about: "a kill of a worker that was not asked to stop",
    violation: [...toReady, due(9), kill(9)],
    right: [...toReady, due(9)],
  },
  {
    rule: 4,
    about: "a second kill",
    violation: [...toStop, due(510), kill(510), due(511), kill(511), ended(512), finish(512, 1)],
    right: [...toStop, due(510), kill(510), due(511), ended(512), finish(512, 1)],
  },
]
