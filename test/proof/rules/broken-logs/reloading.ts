/**
 * Broken logs, each beside one that holds: how a reload goes through the slots (rule 14; rules 2 and 6 for which workers are
 * asked to stop and forked).
 */
import {
  ask,
  due,
  exited,
  finish,
  first,
  fork,
  forkFailed,
  hello,
  next,
  ready,
  reload,
  reloaded,
  respawn,
  run,
  second,
  term,
  toReady,
  twoReady,
  worker,
  type Pair,
} from "./log-entries.ts"

const begun = reloaded(10, "started")
const replacement = fork(10, next, { rule: "reload", workers: 1 })
const third = worker(1, 3)
const toTrial = [...toReady, reload(10), begun, replacement, hello(11, next), run(11, next)]
const toReplaced = [...toTrial, ready(12, next), ask(12, worker(), "reload")]
const failed = reloaded(20, "aborted", {
  rule: "replacement-failed",
  worker: next,
  failure: "exited",
})
const patient = { reload: { minReadyTime: 100 } }
const bothEnd = [exited(21), exited(21, next), finish(21)]
const waitingInReload = [
  ...toReady,
  exited(10, first, 1),
  respawn(10, next),
  exited(20, next, 1),
  reload(30),
  reloaded(30, "started"),
]
const twoServe = [...twoReady, ready(2), ready(2, second)]

export const reloading: readonly Pair[] = [
  {
    rule: 14,
    about: "a reload that is not begun",
    violation: [...toReady, reload(10)],
    right: [...toReady, reload(10), begun, replacement],
  },
  {
    rule: 14,
    about: "a reload that was not requested",
    violation: [...toReady, due(10), begun, replacement],
    right: [...toReady, reload(10), begun, replacement],
  },
  {
    rule: 14,
    about: "a reload that stands still",
    violation: [...toReady, reload(10), begun],
    right: [...toReady, reload(10), begun, replacement],
  },
  {
    rule: 14,
    about: "two at a time",
    options: { workers: 2 },
    violation: [
      ...twoServe,
      reload(10),
      begun,
      fork(10, worker(1, 3), { rule: "reload", workers: 2 }),
      fork(10, worker(2, 4), { rule: "reload", workers: 2 }),
    ],
    right: [...twoServe, reload(10), begun, fork(10, third, { rule: "reload", workers: 2 })],
  },
  {
    rule: 14,
    about: "a replacement without a reload",
    violation: [...toReady, due(10), replacement],
    right: [...toReady, due(10)],
  },
  {
    rule: 14,
    about: "a reload that is finished with a worker left",
    violation: [...toTrial, due(12), reloaded(12, "finished")],
    right: [...toTrial, due(12)],
  },
  {
    rule: 14,
    about: "a reload that is never over",
    violation: [...toReplaced, exited(13)],
    right: [...toReplaced, exited(13), reloaded(13, "finished")],
  },
  {
    rule: 14,
    about: "the end of a reload that there is not",
    violation: [...toReady, due(10), reloaded(10, "finished")],
    right: [...toReady, due(10)],
  },
  {
    rule: 14,
    about: "a reload that continues although the new program has failed",
    violation: [...toTrial, exited(20, next, 1), fork(20, third, { rule: "reload", workers: 1 })],
    right: [...toTrial, exited(20, next, 1), failed],
  },
  {
    rule: 14,
    about: "a reload that is aborted although nothing failed",
    violation: [...toTrial, ready(12, next), ask(12, worker(), "reload"), exited(20), failed],
    right: [...toReplaced, exited(20), reloaded(20, "finished")],
  },
  {
    rule: 14,
    about: "a reload that continues although its fork has failed",
    violation: [...toReady, reload(10), begun, replacement, forkFailed(20, next)],
    right: [...toReady, reload(10), begun, replacement, forkFailed(20, next), failed],
  },
  {
    rule: 14,
    about: "a second reload that is forgotten",
    violation: [...toReplaced, reload(13), exited(14), reloaded(14, "finished")],
    right: [
      ...toReplaced,
      reload(13),
      exited(14),
      reloaded(14, "finished"),
      reloaded(14, "started"),
      fork(14, third, { rule: "reload", workers: 1 }),
    ],
  },
  {
    rule: 14,
    about: "a reload that outlives the pool's stop",
    violation: [...toTrial, term(20), ask(20), ask(20, next), ...bothEnd],
    right: [...toTrial, term(20), reloaded(20, "aborted"), ask(20), ask(20, next), ...bothEnd],
  },
  {
    rule: 14,
    about: "a reload that the pool's stop has ended and that is announced as finished",
    violation: [...waitingInReload, term(40), reloaded(40, "finished"), finish(40)],
    right: [...waitingInReload, term(40), reloaded(40, "aborted"), finish(40)],
  },
  {
    rule: 2,
    about: "the old worker is asked before the new one has been ready for minReadyTime",
    options: patient,
    violation: [...toTrial, ready(12, next), due(111), ask(111, worker(), "reload")],
    right: [...toTrial, ready(12, next), due(112), ask(112, worker(), "reload")],
  },
  {
    rule: 2,
    about: "the old worker is not asked when the new one has proved itself",
    options: patient,
    violation: [...toTrial, ready(12, next), due(112)],
    right: [...toTrial, ready(12, next), due(112), ask(112, worker(), "reload")],
  },
]
