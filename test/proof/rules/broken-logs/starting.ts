/**
 * Broken logs, each beside one that holds: when a worker that does not become ready is killed, and what changes if the
 * primary was suspended or blocked (rule 4).
 */
import {
  ask,
  due,
  exited,
  finish,
  fork,
  hello,
  kill,
  run,
  started,
  term,
  toReady,
  type Pair,
} from "./log-entries.ts"

const options = { startTimeout: 200 } as const
const killLate = (at: number) => kill(at, { rule: "start-timeout", startTimeoutMs: 200 })
const forked = [started, fork(0)]

export const starting: readonly Pair[] = [
  {
    rule: 4,
    about: "a start timeout before its time",
    options,
    violation: [...forked, due(199), killLate(199)],
    right: [...forked, due(200), killLate(200)],
  },
  {
    rule: 4,
    about: "a start timeout that is not kept to",
    options,
    violation: [...forked, due(200)],
    right: [...forked, due(200), killLate(200)],
  },
  {
    rule: 4,
    about: "a start timeout of a worker that is ready",
    options,
    violation: [...toReady, due(200), killLate(200)],
    right: [...toReady, due(200)],
  },
  {
    rule: 4,
    about: "a start timeout of a worker that is to stop",
    options,
    violation: [
      ...forked,
      hello(1),
      run(1),
      term(2),
      ask(2),
      due(200),
      killLate(200),
      exited(201),
      finish(201),
    ],
    right: [...forked, hello(1), run(1), term(2), ask(2), due(200), exited(201), finish(201)],
  },
  {
    rule: 4,
    about: "a start timeout where there is none",
    violation: [...forked, due(200), killLate(200)],
    right: [...forked, due(200)],
  },
  {
    rule: 4,
    about: "a start timeout right after the primary was away",
    options,
    violation: [...forked, due(1_200), killLate(1_200)],
    right: [...forked, due(1_200), due(1_400), killLate(1_400)],
  },
  {
    rule: 4,
    about: "a start timeout too soon after the primary was away",
    options,
    violation: [...forked, due(1_200), due(1_399), killLate(1_399)],
    right: [...forked, due(1_200), due(1_400), killLate(1_400)],
  },
  {
    rule: 4,
    about: "new time for a worker where the primary was merely late",
    options,
    violation: [...forked, due(1_199)],
    right: [...forked, due(1_199), killLate(1_199)],
  },
  {
    rule: 4,
    about: "new time for a worker twice",
    options,
    violation: [...forked, due(1_200), due(1_400)],
    right: [...forked, due(1_200), due(1_400), killLate(1_400)],
  },
  {
    rule: 5,
    about: "letting a worker run that was killed before its hello",
    options,
    violation: [...forked, due(200), killLate(200), hello(201), run(201)],
    right: [...forked, due(200), killLate(200), hello(201)],
  },
]
