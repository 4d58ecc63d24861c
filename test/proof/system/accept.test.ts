/**
 * Logs of whole pools are runs of the model, on the simulated operating system as on real ones (test/real/harness/program.ts), and
 * a log that tells of anything else is not.
 */
import { describe, expect, test } from "vitest"
import { kamisama } from "../../../src/index.ts"
import { fakePlatform, type LogEntry, type WorkerAction } from "../../../src/fake.ts"
import { type Rejection, rejectionsOf } from "../../../src/proof/system/accept.ts"
import { sendingMoves } from "../../../src/proof/system/observed-moves.ts"
import { processMoves } from "../../../src/proof/system/process-moves.ts"

type Options = Omit<Parameters<typeof kamisama>[0], "platform">

const isEvent =
  (type: string) =>
  (entry: LogEntry): boolean =>
    entry.kind === "event" && entry.event.type === type
const isCommand =
  (type: string) =>
  (entry: LogEntry): boolean =>
    entry.kind === "command" && entry.command.type === type
const isAction =
  (action: WorkerAction) =>
  (entry: LogEntry): boolean =>
    entry.kind === "worker" && entry.action === action

type Which = (entry: LogEntry) => boolean

function placeOf(log: readonly LogEntry[], which: Which): number {
  const place = log.findIndex(which)
  if (place === -1) throw new Error("the log has no such entry")
  return place
}

/** The log of a pool of one worker that is stopped, unless it ends before. */
async function logOf(options: Partial<Options>): Promise<LogEntry[]> {
  const os = fakePlatform()
  kamisama({ run: () => undefined, workers: 1, log: "silent", platform: os, ...options })
  await os.advance(1_000)
  os.signal("SIGTERM")
  await os.advance(10_000)
  return [...os.log]
}

const stopped = await logOf({ heartbeatTimeout: 400, shutdown: () => undefined })
const failed = await logOf({ run: () => Promise.reject(new Error("no")), respawnLimit: 0 })
const plain = await logOf({})

const moved = (log: readonly LogEntry[], which: Which, before: Which): LogEntry[] => {
  const from = placeOf(log, which)
  const others = log.toSpliced(from, 1)
  return others.toSpliced(placeOf(others, before), 0, log[from] as LogEntry)
}
const movedAfter = (log: readonly LogEntry[], which: Which, after: Which): LogEntry[] => {
  const from = placeOf(log, which)
  const others = log.toSpliced(from, 1)
  return others.toSpliced(placeOf(others, after) + 1, 0, log[from] as LogEntry)
}
const without = (log: readonly LogEntry[], which: Which): LogEntry[] =>
  log.toSpliced(placeOf(log, which), 1)
const twice = (log: readonly LogEntry[], which: Which): LogEntry[] => {
  const place = placeOf(log, which)
  return log.toSpliced(place, 0, log[place] as LogEntry)
}
const changed = (log: readonly LogEntry[], which: Which, changes: object): LogEntry[] => {
  const place = placeOf(log, which)
  const entry = log[place] as LogEntry
  const inner = entry.kind === "event" ? { event: { ...entry.event, ...changes } } : changes
  return log.with(place, { ...entry, ...inner } as LogEntry)
}

/** Of the processes alone: the core would also object to some. */
function wrongOf(log: readonly LogEntry[]): Rejection[] {
  return rejectionsOf(log).filter(({ of }) => of !== "the core")
}

test("the logs that are broken below are accepted as they are", () => {
  for (const log of [stopped, failed, plain]) expect(rejectionsOf(log)).toEqual([])
  expect(stopped.filter(isAction("called-shutdown"))).toHaveLength(1)
  expect(stopped.filter(isEvent("worker-sent-heartbeat")).length).toBeGreaterThan(3)
  expect(failed.filter(isEvent("worker-exited"))).toHaveLength(1)
})

const hello = isEvent("worker-said-hello")
const ready = isEvent("worker-became-ready")
const exit = isEvent("worker-exited")
const ran = isAction("called-run")
const shut = isAction("called-shutdown")
const left = isAction("exited")
const stop = isCommand("stop-worker")
const run = isCommand("run-worker")
const fork = isCommand("fork-worker")

describe("a process of which no run is known", () => {
  const broken: { readonly [name: string]: readonly LogEntry[] } = {
    "runs twice": twice(stopped, ran),
    "runs before it is told to": moved(stopped, ran, run),
    "does not run": without(stopped, ran),
    "runs in another slot": changed(stopped, ran, { worker: { slot: 2, incarnation: 1 } }),
    "says hello twice": twice(stopped, hello),
    "says hello before its fork": moved(stopped, hello, fork),
    "says hello after its exit": movedAfter(stopped, hello, exit),
    "is ready before it runs": moved(stopped, ready, ran),
    "is ready twice": twice(stopped, ready),
    "is ready after its exit": movedAfter(stopped, ready, exit),
    "sends a heartbeat before it is ready": moved(stopped, isEvent("worker-sent-heartbeat"), ready),
    "sends a heartbeat after its exit": movedAfter(stopped, isEvent("worker-sent-heartbeat"), exit),
    "shuts down before the stop": moved(stopped, shut, stop),
    "shuts down twice": twice(stopped, shut),
    "shuts down after it has left": movedAfter(stopped, shut, left),
    "leaves before it has shut down": moved(stopped, left, shut),
    "leaves without being asked to, with 0": without(stopped, stop),
    "leaves twice": twice(stopped, left),
    "acts after its exit": movedAfter(stopped, left, exit),
    "exits twice": twice(stopped, exit),
    "ends with a code that nobody has set": changed(plain, exit, { code: 3 }),
    "ends with 0 after its run has failed": changed(failed, exit, { code: 0 }),
    "exits before it has left": moved(failed, exit, left),
    "has its listeners called, and a shutdown": twice(stopped, shut).map((entry, index) =>
      index === placeOf(stopped, shut) && entry.kind === "worker"
        ? { ...entry, action: "called-listeners" as const }
        : entry,
    ),
    "is not forked": without(stopped, fork),
  }

  test.for(Object.entries(broken))("%s", ([, log]) => {
    expect(wrongOf(log)).not.toEqual([])
  })
})

describe("a core that is not the shipped one", () => {
  const broken: { readonly [name: string]: readonly LogEntry[] } = {
    "forgets a command": without(stopped, run),
    "gives a command twice": twice(stopped, stop),
    "gives a command too early": moved(stopped, run, hello),
    "gives another command": changed(stopped, stop, {
      command: {
        type: "kill-worker",
        worker: { slot: 1, incarnation: 1 },
        reason: { rule: "start-timeout", startTimeoutMs: 1 },
      },
    }),
    "gives its commands late": changed(stopped, stop, { at: 1e9 }),
    "forgets an event": without(stopped, hello),
    "does not finish": without(movedAfter(stopped, isEvent("started"), exit), isCommand("finish")),
  }

  test.for(Object.entries(broken))("%s", ([, log]) => {
    expect(rejectionsOf(log).map(({ of }) => of)).toContain("the core")
  })
})

test("a rejection names the entry, and what was possible instead", () => {
  const log = moved(stopped, shut, stop)
  const index = placeOf(log, shut)
  expect(wrongOf(log)).toEqual([
    expect.objectContaining({ of: "process #1", index, entry: log[index] }),
  ])
  expect(wrongOf(log)[0]?.instead).toContain("exited")
})

test("a shutdown before the stop is one of a worker whose channel has closed, if that may be", () => {
  const log = moved(stopped, shut, stop)
  expect(wrongOf(log)).toHaveLength(1)
  expect(rejectionsOf(log, { breaksChannels: true })).toEqual([])
})

test("a fork may be refused after its process was killed", () => {
  const log = without(plain, ran).slice(0, placeOf(plain, hello))
  const worker = { slot: 1, incarnation: 1 }
  const reason = { rule: "start-timeout", startTimeoutMs: 1 } as const
  const killed: LogEntry = {
    kind: "command",
    at: 0,
    command: { type: "kill-worker", worker, reason },
  }
  const refused: LogEntry = {
    kind: "event",
    event: { type: "fork-failed", worker, error: "EAGAIN", at: 0 },
  }
  expect(wrongOf([...log, killed, refused])).toEqual([])
  expect(wrongOf([...log, refused, refused])).toHaveLength(1)
})

test("the moves that are tried only where a log tells of them are moves of the model", () => {
  const names = processMoves.map(({ name }) => name)
  for (const name of sendingMoves.keys()) expect(names).toContain(name)
})
