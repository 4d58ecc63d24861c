/**
 * Broken logs, each beside one that holds: when a process is killed (safety 4).
 */
import {
  ask,
  due,
  ended,
  finish,
  first,
  fork,
  kill,
  signalled,
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
    wrong: [...toStop, due(509), kill(509), ended(511), finish(511, 1)],
    right: [...toStop, due(510), kill(510), ended(511), finish(511, 1)],
  },
  {
    rule: 4,
    about: "a late kill",
    wrong: [...toStop, due(511), kill(511), ended(512), finish(512, 1)],
    right: [...toStop, due(510), kill(510), ended(512), finish(512, 1)],
  },
  {
    rule: 4,
    about: "a kill that the stop of the pool has moved",
    wrong: [
      ...toReady,
      signalled(5),
      ask(5, first, "direct-signal"),
      term(10),
      due(510),
      kill(510),
      ended(511),
      finish(511, 1),
    ],
    right: [
      ...toReady,
      signalled(5),
      ask(5, first, "direct-signal"),
      term(10),
      due(505),
      kill(505),
      ended(511),
      finish(511, 1),
    ],
  },
  {
    rule: 4,
    about: "a kill of a booting worker before its time",
    wrong: [started, fork(0), term(10), due(500), kill(500), ended(501), finish(501, 1)],
    right: [started, fork(0), term(10), due(510), kill(510), ended(511), finish(511, 1)],
  },
  {
    rule: 4,
    about: "a kill of a worker that nobody stops",
    wrong: [...toReady, due(9), kill(9)],
    right: [...toReady, due(9)],
  },
  {
    rule: 4,
    about: "a second kill",
    wrong: [...toStop, due(510), kill(510), due(511), kill(511), ended(512), finish(512, 1)],
    right: [...toStop, due(510), kill(510), due(511), ended(512), finish(512, 1)],
  },
]
