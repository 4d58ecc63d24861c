import { describe, expect, test } from "vitest"
import {
  type Life,
  type LifeFact,
  type LifeCommand,
  type LifePlan,
  stepLife,
  initialLife,
} from "../../src/worker/life.ts"

const plan: LifePlan = {
  timeoutMs: 1_000,
  heartbeatIntervalMs: 0,
  maxMemoryBytes: false,
  signals: { SIGTERM: "stop", SIGINT: "stop", SIGTTIN: "scale-up", SIGHUP: "ignore" },
  mayFinish: false,
  hasShutdown: true,
}

const run: LifeFact = { type: "told-to-run" }
const stop: LifeFact = { type: "told-to-stop", signal: "SIGINT", cause: "stop" }
const settled: LifeFact = { type: "run-settled", returned: "something" }

/** A life of facts, one every 10 ms, and the orders of the last one, in short. */
function afterAll(
  facts: readonly LifeFact[],
  own: Partial<LifePlan> = {},
  takesSignal = false,
): string[] {
  let life: Life = initialLife
  let commands: readonly LifeCommand[] = []
  for (const [index, fact] of facts.entries()) {
    const next = stepLife({ ...plan, ...own }, life, fact, index * 10, takesSignal)
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
      return `${command.type} ${command.afterMs}`
    case "begin-stopping":
      return `begin-stopping ${command.closeConnectionsAfterMs}`
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
    expect(afterAll([stop])).toEqual(["exit 0"])
    expect(afterAll([stop, run])).toEqual([])
  })

  test("exits with 0 when its primary is gone", () => {
    expect(afterAll([{ type: "primary-gone" }])).toEqual(["exit 0"])
  })
})

describe("readiness", () => {
  test("comes when what run returned listens", () => {
    expect(afterAll([run, settled])).toEqual(["await-listening"])
    expect(afterAll([run, settled, { type: "listening" }])).toEqual(["send ready"])
  })

  test("comes later where run returned nothing, or at once where the primary knows better", () => {
    expect(afterAll([run, { type: "run-settled", returned: "nothing" }])).toEqual([
      "send ran",
      "declare-ready-later",
    ])
  })

  test("can be declared while run is pending, and is said once", () => {
    const declared: LifeFact = { type: "declared-ready" }
    expect(afterAll([run, declared])).toEqual(["send ready"])
    expect(afterAll([run, declared, declared])).toEqual([])
    expect(afterAll([run, declared, settled, { type: "listening" }])).toEqual([])
  })

  test("does not come any more once it stops", () => {
    expect(afterAll([run, stop, { type: "declared-ready" }])).toEqual([])
    expect(afterAll([run, settled, stop, { type: "listening" }])).toEqual([])
  })
})

describe("an answer", () => {
  const own = { heartbeatIntervalMs: 250 }
  const due: LifeFact = { type: "heartbeat-due" }

  test("is given again and again", () => {
    expect(afterAll([run], own)).toEqual(["send-heartbeat-later 250", "call-run"])
    expect(afterAll([run, due], own)).toEqual(["send heartbeat", "send-heartbeat-later 250"])
    expect(afterAll([run, settled, due, due], own)).toEqual([
      "send heartbeat",
      "send-heartbeat-later 250",
    ])
  })

  test("is given no more once it stops, and by nobody where there is no heartbeat", () => {
    expect(afterAll([run, stop, due], own)).toEqual([])
    expect(afterAll([run])).toEqual(["call-run"])
  })
})

describe("its memory", () => {
  const own = { maxMemoryBytes: 1_000 }
  const due: LifeFact = { type: "measure-due", memoryBytes: 5 }

  test("is told again and again where it is limited", () => {
    expect(afterAll([run], own)).toEqual(["measure-later 1000", "call-run"])
    expect(afterAll([run, due], own)).toEqual(["send measured", "measure-later 1000"])
  })

  test("is told no more once it stops", () => {
    expect(afterAll([run, stop, due], own)).toEqual([])
  })
})

describe("recycling", () => {
  const asked: LifeFact = { type: "recycle-asked" }

  test("is asked for while it runs", () => {
    expect(afterAll([run, asked])).toEqual(["send recycle"])
    expect(afterAll([run, stop, asked])).toEqual([])
  })
})

describe("a failure", () => {
  test("of run is reported, then exit 1", () => {
    const failed: LifeFact = { type: "run-failed", isAbort: false }
    expect(afterAll([run, failed])).toEqual(["report-failure run", "exit 1"])
    expect(afterAll([run, failed, stop])).toEqual([])
  })

  test("to listen is one of run", () => {
    expect(afterAll([run, settled, { type: "listen-failed" }])).toEqual([
      "report-failure run",
      "exit 1",
    ])
  })

  test("of run during a shutdown is the shutdown's affair", () => {
    expect(afterAll([run, stop, { type: "run-failed", isAbort: false }])).toEqual([])
  })

  test("of shutdown is reported, then exit 1", () => {
    expect(afterAll([run, stop, { type: "shutdown-failed" }])).toEqual([
      "report-failure shutdown",
      "exit 1",
    ])
  })
})

describe("a stop", () => {
  test("calls shutdown once, whatever else arrives, also while run is pending", () => {
    const once = ["begin-stopping 100", "call-shutdown SIGINT stop"]
    expect(afterAll([run, stop])).toEqual(once)
    expect(afterAll([run, settled, stop])).toEqual(once)
    expect(afterAll([run, stop, stop])).toEqual([])
    expect(afterAll([run, stop, settled])).toEqual([])
    const resolved: LifeFact = { type: "shutdown-settled" }
    expect(afterAll([run, stop, resolved])).toEqual(["drain-returned"])
    expect(afterAll([run, stop, resolved, stop])).toEqual([])
    expect(afterAll([run, stop, resolved, { type: "drained" }])).toEqual(["exit 0"])
    expect(afterAll([run, stop, resolved, { type: "drained" }, stop])).toEqual([])
  })

  test.each(["scale-down", "direct-signal"] as const)(
    "of this worker alone (%s) ends connections at once",
    (cause) => {
      const alone: LifeFact = { type: "told-to-stop", signal: "SIGTERM", cause }
      expect(afterAll([run, alone])).toEqual(["begin-stopping 0", `call-shutdown SIGTERM ${cause}`])
    },
  )

  test("without a shutdown closes what run returned", () => {
    const own = { hasShutdown: false }
    expect(afterAll([run, settled, stop], own)).toEqual(["begin-stopping 100", "close-returned"])
    expect(afterAll([run, settled, stop, { type: "shutdown-settled" }], own)).toEqual(["exit 0"])
  })

  test("without a shutdown ends a pending run at once", () => {
    expect(afterAll([run, stop], { hasShutdown: false })).toEqual(["exit 0"])
  })

  test("without a shutdown awaits a pending run that takes the signal", () => {
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
  const gone: LifeFact = { type: "primary-gone" }

  test("is a stop by SIGTERM, with a deadline", () => {
    expect(afterAll([run, gone])).toEqual([
      "set-deadline 1000",
      "begin-stopping 100",
      "call-shutdown SIGTERM primary-gone",
    ])
  })

  test("during a stop leaves the time that was given", () => {
    expect(afterAll([run, stop, gone])).toEqual(["set-deadline 990"])
  })

  test("ends a worker that has not ended by then", () => {
    expect(afterAll([run, gone, { type: "overdue" }])).toEqual(["exit 1"])
  })
})

describe("a signal", () => {
  test("that may mean a stop is reported; the primary decides", () => {
    expect(afterAll([run, { type: "signaled", signal: "SIGTERM" }])).toEqual(["send signaled"])
    expect(afterAll([{ type: "signaled", signal: "SIGINT" }])).toEqual(["send signaled"])
  })

  test.each(["SIGTTIN", "SIGHUP", "SIGWINCH", "toString"])("%s is swallowed", (signal) => {
    expect(afterAll([run, { type: "signaled", signal }])).toEqual([])
  })
})

describe("an empty event loop", () => {
  const idle: LifeFact = { type: "idle", code: 4 }

  test("is looked for only where a worker may finish", () => {
    expect(afterAll([run, settled], { mayFinish: true })).toContain("watch-for-idleness")
    expect(afterAll([run, settled])).not.toContain("watch-for-idleness")
  })

  test("ends the worker with the code that it would have ended with", () => {
    expect(afterAll([run, settled, idle])).toEqual(["exit 4"])
    expect(afterAll([run, settled, stop, idle])).toEqual([])
    expect(afterAll([run, idle])).toEqual([])
  })
})
