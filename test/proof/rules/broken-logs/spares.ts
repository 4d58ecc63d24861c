/**
 * Broken logs, each beside one that holds: which spares wait, and which slot they fill (rule 21).
 */
import {
  ask,
  command,
  exited,
  finish,
  fork,
  hello,
  next,
  type Pair,
  ready,
  reload,
  reloaded,
  respawn,
  run,
  started,
  due,
  toReady,
  worker,
} from "./log-entries.ts"

const spare = worker(0, 2)
const later = worker(0, 3)
const options = { spares: 1 } as const
const begin = (at: number, ref = spare) => fork(at, ref, { rule: "spare", spares: 1 })
const fill = (at: number, ref = next) =>
  command(at, {
    type: "run-worker",
    worker: ref,
    reason: { rule: "respawn", attempt: 1, respawns: 1, limit: 1, intervalMs: 1_000 },
  })
const toLoaded = [...toReady, begin(2), hello(3, spare)]
const toFinished = [exited(10), finish(10, 0, { rule: "all-finished", failed: false })]

export const spares: readonly Pair[] = [
  {
    rule: 21,
    about: "a spare without the option",
    violation: [...toReady, begin(2)],
    right: [...toReady],
  },
  {
    rule: 21,
    about: "a spare that is missing",
    options,
    violation: [...toReady, hello(5)],
    right: [...toReady, begin(2), hello(5)],
  },
  {
    rule: 21,
    about: "a spare beside a worker that starts",
    options,
    violation: [started, fork(0), hello(1), run(1), begin(1), ready(2)],
    right: [started, fork(0), hello(1), run(1), ready(2), begin(2)],
  },
  {
    rule: 21,
    about: "one too many",
    options,
    violation: [...toLoaded, begin(4, later)],
    right: [...toLoaded],
  },
  {
    rule: 21,
    about: "two that boot at once",
    options: { spares: 2 },
    violation: [...toReady, begin(2), begin(2, later), hello(3, spare)],
    right: [...toReady, begin(2), hello(3, spare), begin(3, later)],
  },
  {
    rule: 21,
    about: "a fork although a spare is loaded",
    options,
    violation: [...toLoaded, exited(10, worker(), 1), respawn(10, worker(1, 3))],
    right: [...toLoaded, exited(10, worker(), 1), fill(10)],
  },
  {
    rule: 21,
    about: "a spare that is begun again too soon",
    options,
    violation: [...toLoaded, exited(10, spare, 1), due(20), begin(20, later)],
    right: [...toLoaded, exited(10, spare, 1), due(110), begin(110, later)],
  },
  {
    rule: 21,
    about: "a spare that is not begun again",
    options,
    violation: [...toLoaded, exited(10, spare, 1), due(110)],
    right: [...toLoaded, exited(10, spare, 1), due(110), begin(110, later)],
  },
  {
    rule: 21,
    about: "a spare that is begun during a reload",
    options,
    violation: [
      ...toLoaded,
      exited(4, spare, 1),
      reload(200),
      reloaded(200, "started", { rule: "reload", workers: 1 }),
      fork(200, worker(1, 3), { rule: "reload", workers: 1 }),
      begin(200, worker(0, 4)),
    ],
    right: [
      ...toLoaded,
      exited(4, spare, 1),
      reload(104),
      reloaded(104, "started", { rule: "reload", workers: 1 }),
      fork(104, worker(1, 3), { rule: "reload", workers: 1 }),
    ],
  },
  {
    rule: 2,
    about: "a spare of the old program that is kept at a reload",
    options,
    violation: [
      ...toLoaded,
      reload(10),
      reloaded(10, "started", { rule: "reload", workers: 1 }),
      fork(10, worker(1, 3), { rule: "reload", workers: 1 }),
    ],
    right: [
      ...toLoaded,
      reload(10),
      reloaded(10, "started", { rule: "reload", workers: 1 }),
      ask(10, spare, "discard"),
      fork(10, worker(1, 3), { rule: "reload", workers: 1 }),
    ],
  },
  {
    rule: 9,
    about: "a spare that is left when every slot is finished",
    options: { spares: 1, respawn: "never" },
    violation: [...toLoaded, exited(10), ask(10, spare, "discard"), toFinished[1]!],
    right: [
      ...toLoaded,
      exited(10),
      ask(10, spare, "discard"),
      exited(11, spare),
      finish(11, 0, { rule: "all-finished", failed: false }),
    ],
  },
]
