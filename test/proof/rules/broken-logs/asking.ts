/**
 * Broken logs, each beside one that holds: what a worker is asked to do, and what it does (rule 2).
 */
import {
  ask,
  action,
  due,
  ended,
  exited,
  finish,
  first,
  fork,
  hello,
  killBooting,
  ready,
  run,
  worker,
  scale,
  scaleTo,
  second,
  signal,
  signaled,
  started,
  term,
  toDone,
  toReady,
  toStop,
  twoReady,
  type Pair,
} from "./log-entries.ts"

const twoServing = [...twoReady, ready(2, first), ready(2, second)]
const askLost = (whom: typeof first) => ask(9, whom, "scale-down")

export const asking: readonly Pair[] = [
  {
    rule: 2,
    about: "asking twice",
    violation: [...toStop, term(11), ask(11), exited(12), finish(12)],
    right: [...toStop, term(11), exited(12), finish(12)],
  },
  {
    rule: 2,
    about: "not asking",
    violation: [...toReady, term(10), exited(11), finish(11)],
    right: toDone,
  },
  {
    rule: 2,
    about: "not killing one that boots",
    violation: [started, fork(0), term(1), ended(2), finish(2)],
    right: [started, fork(0), term(1), killBooting(1), ended(2), finish(2)],
  },
  {
    rule: 2,
    about: "not asking one that is given up",
    options: { workers: 2 },
    violation: [...twoReady, scaleTo(9, 1), scale(9, 2, 1)],
    right: [...twoReady, scaleTo(9, 1), scale(9, 2, 1), ask(9, second, "scale-down")],
  },
  {
    rule: 2,
    about: "not asking one that a signal has reached",
    violation: [...toReady, signaled(9), due(259)],
    right: [...toReady, signaled(9), due(259), ask(259, first, "direct-signal")],
  },
  {
    rule: 2,
    about: "not letting a worker run",
    violation: [started, fork(0), hello(1)],
    right: [started, fork(0), hello(1), run(1)],
  },
  {
    rule: 2,
    about: "asking for nothing",
    violation: [...toReady, due(9), ask(9)],
    right: [...toReady, signaled(9), due(259), ask(259, first, "direct-signal")],
  },
  {
    rule: 2,
    about: "asking another worker than the oldest",
    options: { workers: 2 },
    violation: [
      ...twoServing,
      signal(9, "SIGTTOU"),
      scale(9, 2, 1),
      askLost(first),
      askLost(second),
    ],
    right: [...twoServing, signal(9, "SIGTTOU"), scale(9, 2, 1), askLost(first)],
  },
  {
    rule: 2,
    about: "asking one that serves where another is not ready",
    options: { workers: 2 },
    violation: [
      ...twoReady,
      ready(2, first),
      signal(9, "SIGTTOU"),
      scale(9, 2, 1),
      askLost(first),
      askLost(second),
    ],
    right: [...twoReady, ready(2, first), signal(9, "SIGTTOU"), scale(9, 2, 1), askLost(second)],
  },
  {
    rule: 2,
    about: "asking for another cause",
    violation: [...toReady, term(10), ask(10, worker(), "give-up"), exited(11), finish(11)],
    right: toDone,
  },
  {
    rule: 2,
    about: "asking with another signal",
    violation: [...toReady, signal(10, "SIGINT"), ask(10), exited(11), finish(11)],
    right: toDone,
  },
  {
    rule: 2,
    about: "letting a worker run twice",
    violation: [...toReady, hello(3), run(3)],
    right: [...toReady, hello(3)],
  },
  {
    rule: 2,
    about: "a second shutdown",
    violation: [
      ...toDone,
      action("called-run"),
      action("called-shutdown"),
      action("called-shutdown"),
    ],
    right: [...toDone, action("called-run"), action("called-shutdown"), action("exited")],
  },
  {
    rule: 2,
    about: "a second run",
    violation: [...toReady, action("called-run"), action("called-run")],
    right: [...toReady, action("called-run")],
  },
  {
    rule: 2,
    about: "a run that was not commanded",
    violation: [started, fork(0), hello(1), action("called-run")],
    right: [started, fork(0), hello(1), run(1), action("called-run")],
  },
  {
    rule: 2,
    about: "a run after the shutdown",
    violation: [...toDone, action("called-shutdown"), action("called-run")],
    right: [...toDone, action("called-run"), action("called-shutdown")],
  },
  {
    rule: 2,
    about: "a shutdown after the exit",
    violation: [...toDone, action("exited"), action("called-shutdown")],
    right: [...toDone, action("called-shutdown"), action("exited")],
  },
]
