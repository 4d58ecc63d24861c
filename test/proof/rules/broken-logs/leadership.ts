/**
 * Broken logs, each beside one that holds: which worker is the leader (rule 17, and rule 5 for one that has not said hello).
 */
import {
  due,
  askedToBeOnly,
  exited,
  grant,
  hello,
  type Pair,
  ready,
  respawn,
  run,
  scale,
  scaleTo,
  second,
  signaled,
  ask,
  toReady,
  twoReady,
  worker,
} from "./log-entries.ts"

const twoServe = [...twoReady, ready(2), ready(2, second)]
const third = worker(1, 3)
const back = [exited(10, worker(), 1), respawn(10, third), hello(11, third), run(11, third)]

export const leader: readonly Pair[] = [
  {
    rule: 17,
    about: "a worker that has not asked",
    violation: [...toReady, grant(10)],
    right: [...toReady, askedToBeOnly(10), grant(10)],
  },
  {
    rule: 17,
    about: "a worker that is not told",
    violation: [...toReady, askedToBeOnly(10)],
    right: [...toReady, askedToBeOnly(10), grant(10)],
  },
  {
    rule: 17,
    about: "a worker of a higher slot",
    options: { workers: 2 },
    violation: [...twoServe, askedToBeOnly(10, second), grant(10, second)],
    right: [...twoServe, askedToBeOnly(10, second)],
  },
  {
    rule: 17,
    about: "two at once",
    options: { workers: 2 },
    violation: [
      ...twoServe,
      askedToBeOnly(5),
      grant(5),
      askedToBeOnly(6, second),
      grant(6, second),
    ],
    right: [...twoServe, askedToBeOnly(5), grant(5), askedToBeOnly(6, second)],
  },
  {
    rule: 17,
    about: "the next one when the one before has ended",
    options: { workers: 2 },
    violation: [...twoServe, askedToBeOnly(5), grant(5), ...back, askedToBeOnly(12, third)],
    right: [
      ...twoServe,
      askedToBeOnly(5),
      grant(5),
      ...back,
      askedToBeOnly(12, third),
      grant(12, third),
    ],
  },
  {
    rule: 17,
    about: "one that is to stop",
    violation: [
      ...toReady,
      signaled(9),
      due(259),
      ask(259, worker(), "direct-signal"),
      askedToBeOnly(260),
      grant(260),
    ],
    right: [
      ...toReady,
      signaled(9),
      due(259),
      ask(259, worker(), "direct-signal"),
      askedToBeOnly(260),
    ],
  },
  {
    rule: 17,
    about: "one of a slot that is given up, beside the one that is wanted",
    options: { workers: 2 },
    violation: [
      ...twoServe,
      askedToBeOnly(5, second),
      scaleTo(10, 1),
      scale(10, 2, 1),
      ask(10, second, "scale-down"),
      grant(10, second),
    ],
    right: [
      ...twoServe,
      askedToBeOnly(5, second),
      scaleTo(10, 1),
      scale(10, 2, 1),
      ask(10, second, "scale-down"),
    ],
  },
]
