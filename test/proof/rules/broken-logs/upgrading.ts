/**
 * Broken logs, each beside one that holds: how a new primary takes over (rule 23).
 */
import {
  ask,
  askUpgrade,
  due,
  exited,
  finish,
  orderSuccessor,
  successorExited,
  successorReady,
  tellStop,
  tellUpgrade,
  term,
  toReady,
  type Pair,
} from "./log-entries.ts"

const begun = [
  ...toReady,
  askUpgrade(10),
  tellUpgrade(10, "started"),
  orderSuccessor(10, "start-successor"),
]
const late = 10 + 60_000
const handedOver = [
  successorReady(20),
  tellUpgrade(20, "finished"),
  tellStop(20),
  ask(20),
  exited(21),
  finish(21),
]
const refused = [due(late), tellUpgrade(late, "aborted"), orderSuccessor(late, "stop-successor")]
const gone = successorExited(late + 1)
const stoppedAt = (at: number) => [term(at), ask(at), exited(at + 1), finish(at + 1)]
const stopped = stoppedAt(late + 2)

export const upgrading: readonly Pair[] = [
  {
    rule: 23,
    about: "to pass over an upgrade that was asked for",
    violation: [...toReady, askUpgrade(10), tellUpgrade(10, "started"), ...stoppedAt(11)],
    right: [...begun, successorExited(10), tellUpgrade(10, "aborted"), ...stoppedAt(11)],
  },
  {
    rule: 23,
    about: "a second new primary",
    violation: [...begun, askUpgrade(11), orderSuccessor(11, "start-successor"), ...handedOver],
    right: [...begun, askUpgrade(11), ...handedOver],
  },
  {
    rule: 23,
    about: "a new primary that is late and serves on",
    violation: [...begun, due(late), tellUpgrade(late, "aborted"), gone, ...stopped],
    right: [...begun, ...refused, gone, ...stopped],
  },
  {
    rule: 23,
    about: "a new primary that is told to stop too early",
    violation: [
      ...begun,
      due(30),
      orderSuccessor(30, "stop-successor"),
      successorExited(31),
      ...stopped,
    ],
    right: [...begun, ...refused, gone, ...stopped],
  },
  {
    rule: 23,
    about: "an upgrade that has failed and is not told of",
    violation: [...begun, successorExited(20), ...stopped],
    right: [...begun, successorExited(20), tellUpgrade(20, "aborted"), ...stopped],
  },
]
