/**
 * Broken logs, each beside one that holds: how workers are recycled (rule 14; rules 2 and 6 for which ones are asked to stop and
 * forked).
 */
import type { Reason } from "../../../../src/core/index.ts"
import {
  ask,
  askedForReplacement,
  due,
  exited,
  fork,
  hello,
  measured,
  next,
  type Pair,
  ready,
  reload,
  reloaded,
  run,
  second,
  served,
  signaled,
  started,
  toReady,
  twoReady,
  worker,
} from "./log-entries.ts"

const asked: Reason = { rule: "recycle-requested" }
const tooOld: Reason = { rule: "max-age", maxAgeMs: 100 }
const tooLarge: Reason = { rule: "max-memory", memoryBytes: 11, maxMemoryBytes: 10 }
const busy: Reason = { rule: "max-requests", requests: 90, maxRequests: 100 }
const young = { recycle: { maxAge: 100 } }
const small = { recycle: { maxMemory: 10 } }
const third = worker(1, 3)
const twoServe = [...twoReady, ready(2), ready(2, second)]
const replacement = fork(10, next, asked)
const toTrial = [...toReady, askedForReplacement(10), replacement, hello(11, next), run(11, next)]

const toFit = [...toReady, measured(3, 10)]

export const recycling: readonly Pair[] = [
  {
    rule: 14,
    about: "replacing a worker that has not asked for it",
    violation: [...toReady, due(10), replacement],
    right: [...toReady, askedForReplacement(10), replacement],
  },
  {
    rule: 14,
    about: "replacing a worker that has asked when it could not have",
    violation: [
      started,
      fork(0),
      askedForReplacement(0),
      hello(1),
      run(1),
      ready(2),
      fork(2, next, asked),
    ],
    right: [
      started,
      fork(0),
      hello(1),
      run(1),
      askedForReplacement(1),
      ready(2),
      fork(2, next, asked),
    ],
  },
  {
    rule: 14,
    about: "replacing one that is not ready",
    violation: [started, fork(0), hello(1), run(1), askedForReplacement(1), fork(1, next, asked)],
    right: [started, fork(0), hello(1), run(1), askedForReplacement(1)],
  },
  {
    rule: 14,
    about: "replacing one that is to stop",
    violation: [
      ...toReady,
      signaled(9),
      due(259),
      ask(259, worker(), "direct-signal"),
      askedForReplacement(260),
      fork(260, next, asked),
    ],
    right: [
      ...toReady,
      signaled(9),
      due(259),
      ask(259, worker(), "direct-signal"),
      askedForReplacement(260),
    ],
  },
  {
    rule: 14,
    about: "replacing the younger of two that are due first",
    options: { workers: 2, recycle: { maxAge: 100 } },
    violation: [...twoServe, due(102), fork(102, worker(2, 3), tooOld)],
    right: [...twoServe, due(102), fork(102, worker(1, 3), tooOld)],
  },
  {
    rule: 14,
    about: "passing over a worker that is due",
    options: young,
    violation: [...toReady, due(102)],
    right: [...toReady, due(102), fork(102, next, tooOld)],
  },
  {
    rule: 14,
    about: "replacing a worker before its age",
    options: young,
    violation: [...toReady, due(81), fork(81, next, tooOld)],
    right: [...toReady, due(82), fork(82, next, tooOld)],
  },
  {
    rule: 14,
    about: "replacing a worker for its age where none is set",
    violation: [...toReady, due(102), fork(102, next, tooOld)],
    right: [...toReady, due(102)],
  },
  {
    rule: 14,
    about: "replacing a worker that takes no more than it may",
    options: small,
    violation: [...toFit, measured(30_000, 10), fork(30_000, next, tooLarge)],
    right: [...toFit, measured(30_000, 11), fork(30_000, next, tooLarge)],
  },
  {
    rule: 14,
    about: "replacing a worker that takes too much right after its start",
    options: small,
    violation: [...toFit, measured(20_001, 11), fork(20_001, next, tooLarge)],
    right: [...toFit, measured(20_002, 11), fork(20_002, next, tooLarge)],
  },
  {
    rule: 14,
    about: "replacing a worker that has taken too much from its start on",
    options: small,
    violation: [...toReady, measured(30_000, 11), fork(30_000, next, tooLarge)],
    right: [...toReady, measured(30_000, 11)],
  },
  {
    rule: 14,
    about: "replacing a worker for its requests where any number is allowed",
    violation: [...toReady, served(10), fork(10, next, busy)],
    right: [...toReady, served(10)],
  },
  {
    rule: 14,
    about: "passing over a worker that has served all its requests",
    options: { recycle: { maxRequests: 100 } },
    violation: [...toReady, served(10), due(11)],
    right: [...toReady, served(10), fork(10, next, busy)],
  },
  {
    rule: 14,
    about: "replacing two workers at once",
    options: { workers: 2 },
    violation: [
      ...twoServe,
      askedForReplacement(10),
      fork(10, third, asked),
      askedForReplacement(10, second),
      fork(10, worker(2, 4), asked),
    ],
    right: [
      ...twoServe,
      askedForReplacement(10),
      fork(10, third, asked),
      askedForReplacement(10, second),
    ],
  },
  {
    rule: 14,
    about: "replacing one while a reload runs",
    options: { workers: 2 },
    violation: [
      ...twoServe,
      reload(10),
      reloaded(10, "started"),
      fork(10, third, { rule: "reload", workers: 2 }),
      askedForReplacement(11, second),
      fork(11, worker(2, 4), asked),
    ],
    right: [
      ...twoServe,
      reload(10),
      reloaded(10, "started"),
      fork(10, third, { rule: "reload", workers: 2 }),
      askedForReplacement(11, second),
    ],
  },
  {
    rule: 14,
    about: "trying again too soon after a new worker has failed",
    violation: [
      ...toReady,
      askedForReplacement(10),
      replacement,
      exited(20, next, 1),
      due(60_019),
      fork(60_019, third, asked),
    ],
    right: [
      ...toReady,
      askedForReplacement(10),
      replacement,
      exited(20, next, 1),
      due(60_020),
      fork(60_020, third, asked),
    ],
  },
  {
    rule: 2,
    about: "asking a worker before the new one is ready",
    violation: [...toTrial, ask(11, worker(), "recycle")],
    right: [...toTrial, ready(12, next), ask(12, worker(), "recycle")],
  },
]
