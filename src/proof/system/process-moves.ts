/**
 * Everything that one process may do, or that may become of it, at a moment: when it is possible, and what comes of it.
 *
 * What a process has under way comes first: no time passes before it. What is expected happens in the end, unless something
 * goes wrong. All else may happen at any moment, or never.
 */
import type { Draft } from "./draft.ts"
import { handOut, hangUp, hearFrom, reportExit, reportForkFailed } from "./primary-side.ts"
import type { SystemBounds } from "./system-bounds.ts"
import type { Primary, Process, Side, SystemWorld } from "./system-world.ts"
import { boot, hear, leave, take } from "./worker-side.ts"
import type { WorkEvent } from "../../worker/step.ts"

/** Where a process is. */
export interface Place {
  readonly world: SystemWorld
  readonly primary: Primary | null
  readonly bounds: SystemBounds
  readonly now: number
  readonly stopSignal: string
}

export interface ProcessMove {
  /** In the words of a reader, after the name of the process. */
  readonly name: string
  readonly comes: "first" | "in the end" | "or not"
  readonly isPossible: (process: Process, place: Place) => boolean
  readonly perform: (draft: Draft, at: number, place: Place) => void
}

/** A move of the worker's side, in a process that is neither blocked nor leaving. */
function ofSide(
  name: string,
  comes: ProcessMove["comes"],
  isPossible: (side: Side, process: Process, place: Place) => boolean,
  perform: (draft: Draft, at: number, side: Side, place: Place) => void,
): ProcessMove {
  return {
    name,
    comes,
    isPossible(process, place) {
      const { side, isBlocked } = process
      if (side === null || isBlocked || side.leaving !== null) return false
      return isPossible(side, process, place)
    },
    perform: (draft, at, place) => perform(draft, at, draft.process(at).side as Side, place),
  }
}

/** A move that is one event of the worker's side, and what changes with it. */
function event(given: WorkEvent, changes: Partial<Side> = {}): (draft: Draft, at: number) => void {
  return (draft, at) => {
    draft.changeSide(at, changes)
    take(draft, at, given)
  }
}

export function isDue(dueAt: number | null, now: number): boolean {
  return dueAt !== null && dueAt <= now
}

/** Whether a message of this type is under way: another one would only wait behind it. */
function isSending({ up }: Process, type: string): boolean {
  return up.some((message) => message.type === type)
}

/** Whether a signal is under way to a process, or the word of one to its primary: another one would change nothing. */
export function isBeingSignaled(process: Process, signal: string): boolean {
  return process.pending.includes(signal) || isSending(process, "worker-was-signaled")
}

const ofSystem: readonly ProcessMove[] = [
  {
    name: "takes in a signal",
    comes: "first",
    isPossible: ({ os, pending, isBlocked }) => os !== "dead" && pending.length > 0 && !isBlocked,
    perform(draft, at) {
      const { pending, side } = draft.process(at)
      const [signal = ""] = pending
      draft.change(at, { pending: pending.slice(1) })
      // Before it listens, a signal ends it.
      if (side === null) draft.die(at, null, signal, "signal")
      else if (side.leaving === null) take(draft, at, { type: "signaled", signal })
    },
  },
  {
    name: "hears its primary",
    comes: "first",
    isPossible: ({ os, down, isBlocked }) => os === "running" && down.length > 0 && !isBlocked,
    perform(draft, at) {
      const { down } = draft.process(at)
      const [given] = down
      draft.change(at, { down: down.slice(1) })
      if (given !== undefined) hear(draft, at, given)
    },
  },
  {
    name: "is heard",
    comes: "first",
    isPossible: ({ up }, { primary }) => up.length > 0 && primary !== null,
    perform(draft, at) {
      const { up } = draft.process(at)
      const [given] = up
      draft.change(at, { up: up.slice(1) })
      if (given !== undefined) hearFrom(draft, at, given)
    },
  },
  {
    name: "is reported dead",
    comes: "first",
    isPossible: ({ os, exit }, { primary }) => os === "dead" && exit !== null && primary !== null,
    perform: reportExit,
  },
  {
    name: "counts as hung up",
    comes: "first",
    isPossible: ({ hangUpAt }, { primary, now }) => primary !== null && isDue(hangUpAt, now),
    perform: hangUp,
  },
  {
    name: "boots",
    comes: "in the end",
    isPossible: ({ os }) => os === "booting",
    perform: boot,
  },
  {
    name: "ends with its channel while it boots",
    comes: "or not",
    isPossible: ({ os, down }) => os === "booting" && down.length > 0,
    perform: (draft, at) => draft.die(at, 0, null, "channel"),
  },
  {
    name: "could not be forked",
    comes: "or not",
    isPossible: ({ os, record, down }, { bounds, primary }) =>
      bounds.failsForks &&
      os === "booting" &&
      record.reported === "nothing" &&
      primary !== null &&
      down.length === 0,
    perform: reportForkFailed,
  },
  {
    name: "is blocked",
    comes: "or not",
    isPossible: ({ os, isBlocked }, { bounds }) =>
      bounds.program.blocks && os === "running" && !isBlocked,
    perform(draft, at) {
      draft.see(at, { type: "blocked" })
      draft.change(at, { isBlocked: true })
    },
  },
  {
    name: "is no longer blocked",
    comes: "in the end",
    isPossible: ({ isBlocked }) => isBlocked,
    perform: (draft, at) => draft.change(at, { isBlocked: false }),
  },
  {
    name: "crashes",
    comes: "or not",
    isPossible: ({ os }, { bounds }) => bounds.program.crashes && os !== "dead",
    perform: (draft, at) => draft.die(at, 1, null, "crash"),
  },
  {
    name: "is killed from outside",
    comes: "or not",
    isPossible: ({ os }, { bounds }) => bounds.killsWorkers && os !== "dead",
    perform: (draft, at) => draft.die(at, null, "SIGKILL", "outside"),
  },
  {
    name: "is sent a signal",
    comes: "or not",
    isPossible: (process, { bounds, stopSignal }) =>
      bounds.signalsWorkers && process.os !== "dead" && !isBeingSignaled(process, stopSignal),
    perform(draft, at, { stopSignal }) {
      draft.see(at, { type: "signaled-alone" })
      draft.signal(at, stopSignal)
    },
  },
  {
    name: "loses its channel",
    comes: "or not",
    isPossible: (process, { bounds }) => bounds.breaksChannels && isOpen(process),
    perform(draft, at) {
      const { down, up } = draft.process(at)
      draft.change(at, {
        isConnected: false,
        down: [...down, { type: "closed" }],
        up: [...up, { type: "closed" }],
      })
    },
  },
  {
    name: "loses its channel and all that is under way",
    comes: "or not",
    isPossible: (process, { bounds }) =>
      bounds.breaksChannels && isOpen(process) && process.down.length + process.up.length > 0,
    perform: (draft, at) =>
      draft.change(at, {
        isConnected: false,
        down: [{ type: "closed" }],
        up: [{ type: "closed" }],
      }),
  },
  {
    name: "is heard twice",
    comes: "or not",
    isPossible: ({ up }, { primary, bounds }) =>
      bounds.repeatsMessages && primary !== null && up[0]?.type.startsWith("worker-") === true,
    perform(draft, at) {
      const [given] = draft.process(at).up
      if (given !== undefined) hearFrom(draft, at, given)
    },
  },
  {
    name: "is heard early",
    comes: "or not",
    isPossible: ({ up }, { primary, bounds }) =>
      bounds.repeatsMessages && primary !== null && up[1]?.type.startsWith("worker-") === true,
    perform(draft, at) {
      const { up } = draft.process(at)
      const [, given] = up
      draft.change(at, { up: up.toSpliced(1, 1) })
      if (given !== undefined) hearFrom(draft, at, given)
    },
  },
  {
    name: "has what it sent lost",
    comes: "or not",
    isPossible: ({ os, up }, { primary }) => os === "dead" && up.length > 1 && primary !== null,
    perform: (draft, at) => draft.change(at, { up: [{ type: "closed" }] }),
  },
  {
    name: "gets the connection of a client",
    comes: "in the end",
    isPossible: ({ isListed }, { primary }) => isListed && primary?.holdsConnection === true,
    perform: handOut,
  },
]

/** Whether the channel is open, as the process itself sees it: its end comes after all else that is under way. */
function seesChannel({ isConnected, down }: Process): boolean {
  return isConnected || down.length > 0
}

function isOpen({ os, isConnected, isLinked }: Process): boolean {
  return os === "running" && isConnected && isLinked
}

const ofProgram: readonly ProcessMove[] = [
  ofSide(
    "has run settled",
    "in the end",
    ({ run }) => run === "pending",
    (draft, at) => {
      draft.see(at, { type: "run-settled", returned: "something" })
      event({ type: "run-settled", returned: "something" }, { run: "settled" })(draft, at)
    },
  ),
  ofSide(
    "has run settled with nothing",
    "or not",
    ({ run }, _process, { bounds }) => bounds.program.returnsNothing && run === "pending",
    (draft, at) => {
      draft.see(at, { type: "run-settled", returned: "nothing" })
      event({ type: "run-settled", returned: "nothing" }, { run: "settled" })(draft, at)
    },
  ),
  ofSide(
    "has run failed",
    "or not",
    ({ run }, _process, { bounds }) => bounds.program.fails && run === "pending",
    (draft, at) => {
      draft.see(at, { type: "run-failed", isAbort: false })
      event({ type: "run-failed", isAbort: false }, { run: "settled" })(draft, at)
    },
  ),
  ofSide(
    "has run broken off",
    "in the end",
    ({ run }, { record }, { bounds }) =>
      bounds.program.takesSignal && run === "pending" && record.toldToStop !== null,
    (draft, at) => {
      draft.see(at, { type: "run-failed", isAbort: true })
      event({ type: "run-failed", isAbort: true }, { run: "settled" })(draft, at)
    },
  ),
  ofSide(
    "listens",
    "in the end",
    // A drain also closes the servers that begin to listen meanwhile.
    ({ awaits }, { record }) => awaits !== "nothing" && !record.isClosing,
    (draft, at, _side, { bounds }) => {
      const accepts = bounds.connections !== "none"
      draft.changeSide(at, { awaits: "nothing", accepts })
      if (accepts) draft.sendUp(at, { type: "listens" })
      take(draft, at, { type: "listening" })
    },
  ),
  ofSide(
    "does not listen for a while",
    "or not",
    ({ awaits }) => awaits === "first-within",
    (draft, at) => {
      draft.reach("a worker that does not listen for a while")
      event({ type: "listening" }, { awaits: "nothing" })(draft, at)
    },
  ),
  ofSide(
    "cannot listen",
    "or not",
    ({ awaits }, _process, { bounds }) => bounds.program.fails && awaits === "listening",
    (draft, at) => {
      if (draft.process(at).record.toldToStop === null) draft.see(at, { type: "failed" })
      event({ type: "listen-failed" }, { awaits: "nothing" })(draft, at)
    },
  ),
  ofSide(
    "says that it is ready",
    "or not",
    ({ run, work }, _process, { bounds }) =>
      bounds.program.returnsNothing && run === "pending" && !work.life.isReady,
    (draft, at) => {
      event({ type: "declared-ready" })(draft, at)
      if (isSending(draft.process(at), "worker-became-ready"))
        draft.reach("a worker that says that it is ready")
    },
  ),
  ofSide(
    "has shutdown settled",
    "in the end",
    ({ shutdown }) => shutdown === "pending",
    event({ type: "shutdown-settled" }, { shutdown: "settled" }),
  ),
  ofSide(
    "has shutdown failed",
    "or not",
    ({ shutdown }, _process, { bounds }) => bounds.program.fails && shutdown === "pending",
    (draft, at) => {
      draft.see(at, { type: "failed" })
      event({ type: "shutdown-failed" }, { shutdown: "settled" })(draft, at)
    },
  ),
  ofSide(
    "has closed",
    "in the end",
    ({ closing, requests }) => closing !== "nothing" && requests === 0,
    (draft, at, { closing }) => {
      const type = closing === "drain" ? "drained" : "shutdown-settled"
      event({ type }, { closing: "nothing" })(draft, at)
    },
  ),
  ofSide(
    "fails to close",
    "or not",
    ({ closing }, _process, { bounds }) => bounds.program.fails && closing === "close-returned",
    (draft, at) => {
      draft.see(at, { type: "failed" })
      event({ type: "shutdown-failed" }, { closing: "nothing" })(draft, at)
    },
  ),
  ofSide(
    "sends a heartbeat",
    "first",
    ({ heartbeatAt }, _process, { now }) => isDue(heartbeatAt, now),
    event({ type: "heartbeat-due" }, { heartbeatAt: null }),
  ),
  ofSide(
    "has no time left",
    "first",
    ({ deadlineAt }, _process, { now }) => isDue(deadlineAt, now),
    (draft, at) => {
      draft.see(at, { type: "overdue" })
      event({ type: "overdue" }, { deadlineAt: null })(draft, at)
    },
  ),
  ofSide(
    "has nothing to do",
    "or not",
    ({ isWatchedForIdleness, accepts, requests, awaits }) =>
      isWatchedForIdleness && !accepts && requests === 0 && awaits !== "listening",
    (draft, at, _side, { bounds }) => {
      const { toldToStop, isCandidate } = draft.process(at).record
      if (toldToStop === null && !bounds.program.failsIfIdle) draft.see(at, { type: "was-idle" })
      // One that waits to be the leader has something to do later.
      else if (toldToStop === null && !isCandidate) draft.see(at, { type: "failed" })
      event({ type: "idle", code: 0 })(draft, at)
      if (draft.process(at).side?.leaving !== null) draft.reach("a worker that has nothing to do")
    },
  ),
  ofSide(
    "has served its requests",
    "or not",
    ({ countsRequests }) => countsRequests,
    event({ type: "requests-served", requests: 1 }, { countsRequests: false }),
  ),
  ofSide(
    "takes little memory",
    "or not",
    ({ measures }, process) => measures && !isSending(process, "worker-measured"),
    event({ type: "measure-due", memoryBytes: 0 }),
  ),
  ofSide(
    "takes too much memory",
    "or not",
    ({ measures }, process) => measures && !isSending(process, "worker-measured"),
    event({ type: "measure-due", memoryBytes: 1_000_000_000 }),
  ),
  ofSide(
    "asks for a replacement",
    "or not",
    ({ run }, process, { bounds }) =>
      bounds.program.recycles &&
      run !== "uncalled" &&
      !isSending(process, "worker-asked-for-replacement"),
    event({ type: "asked", message: { type: "worker-asked-for-replacement" } }),
  ),
  ofSide(
    "asks to be the leader",
    "or not",
    ({ run, work }, _process, { bounds }) =>
      bounds.program.elects && run !== "uncalled" && !work.life.asksToLead,
    (draft, at) => {
      if (draft.process(at).record.toldToStop === null) draft.see(at, { type: "asked-to-lead" })
      event({ type: "asked", message: { type: "worker-asked-for-leadership" } })(draft, at)
    },
  ),
]

const ofListeners: readonly ProcessMove[] = [
  ...[
    { pending: false, untold: false, how: "" },
    { pending: true, untold: false, how: ", and returns a promise" },
    { pending: false, untold: true, how: ", and has started something" },
  ].map(({ pending, untold, how }) =>
    ofSide(
      `has its own listener called${how}`,
      "in the end",
      ({ listeners }) => listeners === "called",
      event(
        { type: "listeners-called", pending, untold },
        { listeners: pending ? "pending" : untold ? "untold" : "done" },
      ),
    ),
  ),
  ofSide(
    "has the promise of its listener settled",
    "in the end",
    ({ listeners }) => listeners === "pending",
    event({ type: "listeners-settled" }, { listeners: "done" }),
  ),
  ofSide(
    "ends its process in its listener",
    "or not",
    ({ listeners }) => listeners !== "uncalled",
    (draft, at) => {
      draft.see(at, { type: "said-done", how: "exit" })
      event({ type: "exit-requested", code: 0 })(draft, at)
    },
  ),
  ofSide(
    "ends its process in its listener with 1",
    "or not",
    ({ listeners }, _process, { bounds }) => bounds.program.fails && listeners !== "uncalled",
    (draft, at) => {
      if (draft.process(at).side?.work.life.own?.isLeaving === false)
        draft.see(at, { type: "failed" })
      event({ type: "exit-requested", code: 1 })(draft, at)
    },
  ),
  ofSide(
    "has listeners that are overdue",
    "first",
    ({ listenersAt }, _process, { now }) => isDue(listenersAt, now),
    (draft, at, { listeners }) => {
      // A promise is waited for until the end.
      if (listeners !== "pending") draft.see(at, { type: "said-done", how: "idle" })
      event({ type: "listeners-overdue" }, { listenersAt: null })(draft, at)
    },
  ),
  ofSide(
    "has nothing to do in its stop",
    "in the end",
    ({ listenersAt, requests }) => listenersAt !== null && requests === 0,
    (draft, at) => {
      draft.see(at, { type: "said-done", how: "idle" })
      event({ type: "idle", code: 0 }, { listenersAt: null })(draft, at)
    },
  ),
]

const ofConnections: readonly ProcessMove[] = [
  {
    name: "gets a request",
    comes: "or not",
    isPossible: ({ side, isBlocked }, { bounds }) =>
      bounds.connections === "own" && side?.accepts === true && side.requests === 0 && !isBlocked,
    perform: (draft, at) => hear(draft, at, { type: "connection" }),
  },
  {
    name: "answers a request",
    comes: "in the end",
    isPossible: ({ side, isBlocked }) => (side?.requests ?? 0) > 0 && !isBlocked,
    perform: (draft, at) =>
      draft.changeSide(at, { requests: (draft.process(at).side?.requests ?? 1) - 1 }),
  },
]

const ofLeaving: readonly ProcessMove[] = [
  {
    name: "has all of its output gone",
    comes: "in the end",
    isPossible: ({ side, isBlocked }) => side?.leaving?.step === "flushing" && !isBlocked,
    perform: (draft, at) =>
      leave(draft, at, { type: "flushed", isConnected: seesChannel(draft.process(at)) }),
  },
  {
    name: "leaves at last",
    comes: "first",
    isPossible: ({ side, isBlocked }, { now }) =>
      !isBlocked && side !== null && side.leaving !== null && side.leaving.overdueAt <= now,
    perform: (draft, at) => leave(draft, at, { type: "overdue" }),
  },
]

/** Whether a process is expected to do something, without any time that passes. */
export function isExpected(process: Process, place: Place): boolean {
  return processMoves.some(
    ({ comes, isPossible }) => comes !== "or not" && isPossible(process, place),
  )
}

/** All of them, in the order in which a search tries them. */
export const processMoves: readonly ProcessMove[] = [
  ...ofSystem,
  ...ofProgram,
  ...ofListeners,
  ...ofConnections,
  ...ofLeaving,
]
