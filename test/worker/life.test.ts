import { describe, expect, test } from "vitest"
import {
  type Doing,
  type Life,
  type LifeEvent,
  type LifeCommand,
  type LifePlan,
  stepLife,
  initialLife,
} from "../../src/worker/life.ts"

const plan: LifePlan = {
  timeoutMs: 1_000,
  heartbeatIntervalMs: 0,
  maxMemoryBytes: false,
  maxRequests: false,
  signals: { SIGTERM: "stop", SIGINT: "stop", SIGTTIN: "scale-up", SIGHUP: "ignore" },
  idle: "stays",
  hasShutdown: true,
}

const run: LifeEvent = { type: "told-to-run", willListen: false }
const stop: LifeEvent = { type: "told-to-stop", signal: "SIGINT", cause: "stop" }
const settled: LifeEvent = { type: "run-settled", returned: "something" }

/** Takes in events, one every 10 ms. @returns the commands after the last one, in short. */
function afterAll(
  events: readonly LifeEvent[],
  own: Partial<LifePlan> = {},
  takesSignal = false,
  doing: Partial<Doing> = {},
): string[] {
  let life: Life = initialLife
  let commands: readonly LifeCommand[] = []
  for (const [index, event] of events.entries()) {
    const next = stepLife({ ...plan, ...own }, life, event, index * 10, {
      takesSignal,
      listens: false,
      exitCode: 0,
      ...doing,
    })
    life = next.life
    commands = next.commands
  }
  return commands.map(short)
}

function short(command: LifeCommand): string {
  switch (command.type) {
    case "send":
      return `send ${command.message.type}`
    case "exit":
      return `exit ${command.code}`
    case "call-shutdown":
      return `call-shutdown ${command.signal} ${command.reason}`
    case "set-deadline":
    case "send-heartbeat-later":
    case "measure-later":
    case "watch-for-idleness":
      return `${command.type} ${command.afterMs}`
    case "count-requests":
      return `${command.type} ${command.upTo}`
    case "watch-listeners":
      return `watch-listeners ${command.atMostMs}`
    case "call-listeners":
      return `call-listeners ${command.signal}`
    case "begin-stopping":
      return `begin-stopping ${command.closeConnectionsAfterMs}`
    case "await-first-listening":
      return `await-first-listening ${command.atMostMs}`
    case "report-failure":
      return `report-failure ${command.during}`
    default:
      return command.type
  }
}

describe("a worker that waits", () => {
  test("calls run when it is told to, once", () => {
    expect(afterAll([run])).toEqual(["call-run"])
    expect(afterAll([run, run])).toEqual([])
  })

  test("exits with 0 and never runs when it is told to stop", () => {
    // Its script may listen.
    expect(afterAll([stop])).toEqual(["begin-stopping 0", "drain"])
    expect(afterAll([stop, run])).toEqual([])
    expect(afterAll([stop, { type: "drained" }])).toEqual(["exit 0"])
  })

  test("exits with 0 when its primary is gone", () => {
    const gone = { type: "primary-gone" } as const
    expect(afterAll([gone])).toEqual(["set-deadline 1000", "begin-stopping 0", "drain"])
    expect(afterAll([gone, { type: "drained" }])).toEqual(["exit 0"])
  })
})

describe("a worker that runs", () => {
  test("is ready when what run returned listens", () => {
    expect(afterAll([run, settled])).toEqual(["await-listening"])
    expect(afterAll([run, settled, { type: "listening" }])).toEqual(["send worker-became-ready"])
  })

  test("is given a moment to listen if run returned nothing, and any time if it is expected to", () => {
    const nothing: LifeEvent = { type: "run-settled", returned: "nothing" }
    expect(afterAll([run, nothing])).toEqual(["await-first-listening 100"])
    const again: LifeEvent = { type: "told-to-run", willListen: true }
    expect(afterAll([again, nothing])).toEqual(["await-first-listening false"])
    const asks: LifeEvent = { type: "asked", message: { type: "worker-asked-for-leadership" } }
    expect(afterAll([again, asks, nothing])).toEqual(["await-first-listening 10000"])
    const other: LifeEvent = { type: "asked", message: { type: "worker-asked-for-replacement" } }
    expect(afterAll([again, other, nothing])).toEqual(["await-first-listening false"])
  })

  test("reports ready once, even if it is declared while run is pending", () => {
    const declared: LifeEvent = { type: "declared-ready" }
    expect(afterAll([run, declared])).toEqual(["send worker-became-ready"])
    expect(afterAll([run, declared, declared])).toEqual([])
    expect(afterAll([run, declared, settled, { type: "listening" }])).toEqual([])
  })

  test("does not report ready once it stops", () => {
    expect(afterAll([run, stop, { type: "declared-ready" }])).toEqual([])
    expect(afterAll([run, settled, stop, { type: "listening" }])).toEqual([])
  })
})

describe("a heartbeat", () => {
  const own = { heartbeatIntervalMs: 250 }
  const due: LifeEvent = { type: "heartbeat-due" }

  test("is sent repeatedly", () => {
    expect(afterAll([run], own)).toEqual(["send-heartbeat-later 250", "call-run"])
    expect(afterAll([run, due], own)).toEqual([
      "send worker-sent-heartbeat",
      "send-heartbeat-later 250",
    ])
    expect(afterAll([run, settled, due, due], own)).toEqual([
      "send worker-sent-heartbeat",
      "send-heartbeat-later 250",
    ])
  })

  test("is not sent once the worker stops, or if heartbeatTimeout is not set", () => {
    expect(afterAll([run, stop, due], own)).toEqual([])
    expect(afterAll([run])).toEqual(["call-run"])
  })
})

describe("the memory of a worker", () => {
  const own = { maxMemoryBytes: 1_000 }
  const due: LifeEvent = { type: "measure-due", memoryBytes: 5 }

  test("is reported repeatedly if the plan limits it", () => {
    expect(afterAll([run], own)).toEqual(["measure-later 1000", "call-run"])
    expect(afterAll([run, due], own)).toEqual(["send worker-measured", "measure-later 1000"])
  })

  test("is not reported once the worker stops", () => {
    expect(afterAll([run, stop, due], own)).toEqual([])
  })
})

describe("the requests of a worker", () => {
  const own = { maxRequests: 90 }
  const served: LifeEvent = { type: "requests-served", requests: 90 }

  test("are counted from its start on if the plan limits them", () => {
    expect(afterAll([run], own)).toEqual(["count-requests 90", "call-run"])
    expect(afterAll([run])).toEqual(["call-run"])
  })

  test("are reported when there were so many, and not once the worker stops", () => {
    expect(afterAll([run, served], own)).toEqual(["send worker-served-requests"])
    expect(afterAll([run, stop, served], own)).toEqual([])
  })
})

describe("a request to the primary", () => {
  test.each(["worker-asked-for-replacement", "worker-asked-for-leadership"] as const)(
    "is sent as %s while the worker runs, and not once it stops",
    (type) => {
      const asked: LifeEvent = { type: "asked", message: { type } }
      expect(afterAll([run, asked])).toEqual([`send ${type}`])
      expect(afterAll([run, stop, asked])).toEqual([])
      expect(afterAll([asked])).toEqual([])
    },
  )
})

describe("a worker that fails", () => {
  test("reports a failure of run, then exits with 1", () => {
    const failed: LifeEvent = { type: "run-failed", isAbort: false }
    expect(afterAll([run, failed])).toEqual(["report-failure run", "exit 1"])
    expect(afterAll([run, failed, stop])).toEqual([])
  })

  test("reports a failure to listen as one of run", () => {
    expect(afterAll([run, settled, { type: "listen-failed" }])).toEqual([
      "report-failure run",
      "exit 1",
    ])
  })

  test("ignores a failure of run during a shutdown", () => {
    expect(afterAll([run, stop, { type: "run-failed", isAbort: false }])).toEqual([])
  })

  test("reports a failure of shutdown, then exits with 1", () => {
    expect(afterAll([run, stop, { type: "shutdown-failed" }])).toEqual([
      "report-failure shutdown",
      "exit 1",
    ])
  })
})

describe("a stop", () => {
  test("calls shutdown once, whatever else arrives, even while run is pending", () => {
    const once = ["begin-stopping 100", "call-shutdown SIGINT stop"]
    expect(afterAll([run, stop])).toEqual(once)
    expect(afterAll([run, settled, stop])).toEqual(once)
    expect(afterAll([run, stop, stop])).toEqual([])
    expect(afterAll([run, stop, settled])).toEqual([])
    const resolved: LifeEvent = { type: "shutdown-settled" }
    expect(afterAll([run, stop, resolved])).toEqual(["drain"])
    expect(afterAll([run, stop, resolved, stop])).toEqual([])
    expect(afterAll([run, stop, resolved, { type: "drained" }])).toEqual(["exit 0"])
    expect(afterAll([run, stop, resolved, { type: "drained" }, stop])).toEqual([])
  })

  test.each(["stop", "give-up"] as const)(
    "leaves connections open for a moment if all workers stop (%s)",
    (cause) => {
      const all: LifeEvent = { type: "told-to-stop", signal: "SIGTERM", cause }
      expect(afterAll([run, all])).toEqual(["begin-stopping 100", `call-shutdown SIGTERM ${cause}`])
    },
  )

  test.each(["scale-down", "reload", "recycle", "direct-signal"] as const)(
    "ends connections at once if only this worker stops (%s)",
    (cause) => {
      const alone: LifeEvent = { type: "told-to-stop", signal: "SIGTERM", cause }
      expect(afterAll([run, alone])).toEqual(["begin-stopping 0", `call-shutdown SIGTERM ${cause}`])
    },
  )

  test("without a shutdown closes what run returned", () => {
    const own = { hasShutdown: false }
    expect(afterAll([run, settled, stop], own)).toEqual(["begin-stopping 100", "close-returned"])
    expect(afterAll([run, settled, stop, { type: "shutdown-settled" }], own)).toEqual(["exit 0"])
  })

  test("without a shutdown drains the worker, and does not wait for a pending run", () => {
    const own = { hasShutdown: false }
    expect(afterAll([run, stop], own)).toEqual(["begin-stopping 100", "drain"])
    expect(afterAll([run, stop, settled], own)).toEqual([])
    expect(afterAll([run, stop, { type: "drained" }], own)).toEqual(["exit 0"])
  })

  test("without a shutdown awaits a pending run that reads the signal", () => {
    const own = { hasShutdown: false }
    expect(afterAll([run, stop], own, true)).toEqual(["begin-stopping 100"])
    expect(afterAll([run, stop, settled], own, true)).toEqual(["close-returned"])
    expect(afterAll([run, stop, { type: "run-failed", isAbort: true }], own, true)).toEqual([
      "exit 0",
    ])
    expect(afterAll([run, stop, { type: "run-failed", isAbort: false }], own, true)).toEqual([
      "report-failure run",
      "exit 1",
    ])
  })
})

describe("the end of the primary", () => {
  const gone: LifeEvent = { type: "primary-gone" }

  test("is a stop by SIGTERM, with a deadline", () => {
    expect(afterAll([run, gone])).toEqual([
      "set-deadline 1000",
      "begin-stopping 100",
      "call-shutdown SIGTERM primary-gone",
    ])
  })

  test("does not extend the time of a stop that is under way", () => {
    expect(afterAll([run, stop, gone])).toEqual(["set-deadline 990"])
    expect(afterAll([run, stop, gone], { timeoutMs: 5 })).toEqual(["set-deadline 0"])
  })

  test("ends a worker that has not ended by then", () => {
    expect(afterAll([run, gone, { type: "overdue" }])).toEqual(["exit 1"])
  })
})

describe("a signal to a worker", () => {
  test("is reported if it may mean a stop, and the primary decides", () => {
    expect(afterAll([run, { type: "signaled", signal: "SIGTERM" }])).toEqual([
      "send worker-was-signaled",
    ])
    expect(afterAll([{ type: "signaled", signal: "SIGINT" }])).toEqual(["send worker-was-signaled"])
  })

  test.each(["SIGTTIN", "SIGHUP", "SIGWINCH", "toString"])("is ignored if it is %s", (signal) => {
    expect(afterAll([run, { type: "signaled", signal }])).toEqual([])
  })
})

describe("an empty event loop", () => {
  const idle: LifeEvent = { type: "idle", code: 4 }

  test("is checked for only if it ends the worker", () => {
    expect(afterAll([run, settled], { idle: "ends" })).toContain("watch-for-idleness 1000")
    expect(afterAll([run, settled], { idle: "fails" })).toContain("watch-for-idleness 0")
    expect(afterAll([run, settled]).join()).not.toContain("watch-for-idleness")
  })

  test("is none of a worker that waits to be the leader", () => {
    const asked: LifeEvent = { type: "asked", message: { type: "worker-asked-for-leadership" } }
    expect(afterAll([run, asked, settled, idle], { idle: "fails" })).toEqual([])
    expect(afterAll([run, asked, settled, idle], { idle: "ends" })).toEqual(["exit 4"])
  })

  test("is a failure where the worker must have something to do", () => {
    expect(afterAll([run, settled, idle], { idle: "fails" })).toEqual([
      "report-failure run",
      "exit 1",
    ])
  })

  test("ends the worker with the code of the process", () => {
    expect(afterAll([run, settled, idle])).toEqual(["exit 4"])
    expect(afterAll([run, settled, stop, idle])).toEqual([])
    expect(afterAll([run, idle])).toEqual([])
  })
})

describe("a worker whose program listens to the stop signal itself", () => {
  const doing = { listens: true }
  const own = { hasShutdown: false }
  const called: LifeEvent = { type: "listeners-called", pending: false, untold: true }
  const drained: LifeEvent = { type: "drained" }
  const after = (events: readonly LifeEvent[], more: Partial<Doing> = {}): string[] =>
    afterAll([run, settled, stop, ...events], own, false, { ...doing, ...more })

  test("calls its listeners first, once", () => {
    expect(after([])).toEqual(["call-listeners SIGINT"])
    expect(after([stop])).toEqual([])
    expect(after([{ type: "primary-gone" }])).toEqual(["set-deadline 990"])
  })

  test("calls them with SIGTERM if its primary is gone", () => {
    expect(afterAll([run, settled, { type: "primary-gone" }], own, false, doing)).toEqual([
      "set-deadline 1000",
      "call-listeners SIGTERM",
    ])
  })

  test("calls its shutdown instead if it has one", () => {
    expect(afterAll([run, settled, stop], {}, false, doing)).toEqual([
      "begin-stopping 100",
      "call-shutdown SIGINT stop",
    ])
  })

  test("calls none of them if it never ran", () => {
    expect(afterAll([stop], own, false, doing)).toEqual(["begin-stopping 0", "drain"])
  })

  test("then stops as others do, and has until half a second before its timeout", () => {
    expect(after([called])).toEqual(["begin-stopping 100", "drain"])
    expect(after([called, drained])).toEqual(["watch-listeners 480"])
    expect(after([called, drained, { type: "idle", code: 0 }])).toEqual(["close-returned"])
    expect(after([called, drained, { type: "listeners-overdue" }])).toEqual([
      "warn-of-listeners",
      "close-returned",
    ])
  })

  test("ends with the code that the program has set, or with 0 if the program ends by itself", () => {
    const idle: LifeEvent = { type: "idle", code: 0 }
    const closed: LifeEvent = { type: "shutdown-settled" }
    const ended: LifeEvent = { type: "exit-requested", code: 0 }
    expect(after([called, drained, idle, closed], { exitCode: 5 })).toEqual(["exit 5"])
    expect(after([called, ended, drained], { exitCode: 5 })).toEqual(["exit 0"])
    expect(after([called, { type: "exit-requested", code: 3 }])).toEqual(["exit-at-once"])
    expect(after([called, { type: "exit-requested", code: 3 }, drained])).toEqual([])
  })

  test("fails if what run returned cannot be closed", () => {
    const failed: LifeEvent = { type: "shutdown-failed" }
    expect(after([called, drained, { type: "idle", code: 0 }, failed])).toEqual([
      "report-failure shutdown",
      "exit 1",
    ])
  })

  test("waits for a run that ends by its signal, also if that rejects with it", () => {
    const events = [run, stop, called]
    const takes = (more: readonly LifeEvent[]): string[] =>
      afterAll([...events, ...more], own, true, doing)
    expect(takes([])).toEqual(["begin-stopping 100"])
    expect(takes([settled])).toEqual(["drain"])
    expect(takes([{ type: "run-failed", isAbort: true }])).toEqual(["drain"])
    expect(takes([{ type: "run-failed", isAbort: false }])).toEqual([
      "report-failure run",
      "exit 1",
    ])
  })

  test("pays no attention to the end of its process in any other stop", () => {
    expect(afterAll([run, settled, stop, { type: "exit-requested", code: 3 }])).toEqual([])
  })
})
