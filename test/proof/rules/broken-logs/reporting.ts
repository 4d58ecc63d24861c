/**
 * Broken logs, each beside one that holds: what the primary announces about itself (rule 19).
 */
import {
  ask,
  exited,
  finish,
  giveUp,
  type Pair,
  scale,
  scaleTo,
  fork,
  second,
  stopIsTold,
  tellStop,
  term,
  toDone,
  toldOf,
  toReady,
} from "./log-entries.ts"

const rest = [ask(10), exited(11), finish(11)]

export const telling: readonly Pair[] = [
  {
    rule: 19,
    about: "a stop that is not announced",
    violation: [stopIsTold, ...toReady, term(10), ...rest],
    right: toDone,
  },
  {
    rule: 19,
    about: "a stop that is announced twice",
    violation: [stopIsTold, ...toReady, term(10), tellStop(10), tellStop(10), ...rest],
    right: toDone,
  },
  {
    rule: 19,
    about: "a stop that is announced although none was requested",
    violation: [...toReady, tellStop(10)],
    right: toReady,
  },
  {
    rule: 19,
    about: "a stop that is announced with another signal",
    violation: [stopIsTold, ...toReady, term(10), tellStop(10, "SIGINT"), ...rest],
    right: toDone,
  },
  {
    rule: 19,
    about: "giving up that is announced twice",
    options: { respawnLimit: 0 },
    violation: [...toReady, exited(10), giveUp(10, 0), giveUp(10, 0), toldOf(10, 1, 0)],
    right: [...toReady, exited(10), giveUp(10, 0), toldOf(10, 1, 0)],
  },
  {
    rule: 19,
    about: "scaling that is announced twice",
    violation: [...toReady, scaleTo(9, 2), scale(9, 1, 2), scale(9, 1, 2), fork(9, second)],
    right: [...toReady, scaleTo(9, 2), scale(9, 1, 2), fork(9, second)],
  },
]
