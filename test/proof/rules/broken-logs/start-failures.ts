/**
 * Broken logs, each beside one that holds: when a start that cannot work ends the pool (rule 20).
 */
import {
  due,
  ask,
  command,
  exited,
  fork,
  next,
  respawn,
  second,
  signaled,
  started,
  first,
  toldOf,
  toReady,
  twoReady,
  worker,
  type Pair,
} from "./log-entries.ts"

const options = { startFailure: "exit" } as const
const failed = [started, fork(0), exited(1)]
const giveUp = (at: number, workers = 1) =>
  command(at, { type: "announce-give-up", reason: { rule: "no-worker-started", workers } })

export const startFailures: readonly Pair[] = [
  {
    rule: 20,
    about: "restarting a worker where each has failed to start",
    options,
    violation: [...failed, respawn(1, next)],
    right: [...failed, giveUp(1), toldOf(1, 1, 0)],
  },
  {
    rule: 20,
    about: "giving up once a worker was ready",
    options,
    violation: [...toReady, exited(9), giveUp(9), toldOf(9, 1, 0)],
    right: [...toReady, exited(9), respawn(9, next)],
  },
  {
    rule: 20,
    about: "giving up where the plan says to retry",
    violation: [...failed, giveUp(1), toldOf(1, 1, 0)],
    right: [...failed, respawn(1, next)],
  },
  {
    rule: 20,
    about: "giving up while another worker may start",
    options: { ...options, workers: 2 },
    violation: [
      ...twoReady,
      exited(9),
      giveUp(9, 2),
      ask(9, second, "give-up"),
      exited(10, second),
      toldOf(10, 1, 0),
    ],
    right: [...twoReady, exited(9), respawn(9, worker(1, 3))],
  },
  {
    rule: 20,
    about: "giving up because a worker was asked to stop",
    options: { ...options, workers: 2 },
    violation: [
      ...twoReady,
      signaled(9),
      due(259),
      ask(259, first, "direct-signal"),
      exited(260, second),
      respawn(260, worker(2, 3)),
      exited(261),
      giveUp(261, 2),
      command(261, {
        type: "kill-worker",
        worker: worker(2, 3),
        reason: { rule: "stop-while-booting", cause: "give-up", signal: "SIGTERM" },
      }),
      exited(262, worker(2, 3)),
      toldOf(262, 1, 0),
    ],
    right: [
      ...twoReady,
      signaled(9),
      due(259),
      ask(259, first, "direct-signal"),
      exited(260, second),
      respawn(260, worker(2, 3)),
      exited(261),
    ],
  },
  {
    rule: 20,
    about: "a wrong number of failed starts",
    options,
    violation: [...failed, giveUp(1, 2), toldOf(1, 1, 0)],
    right: [...failed, giveUp(1), toldOf(1, 1, 0)],
  },
]
