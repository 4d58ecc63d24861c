import { describe, expect, test } from "vitest"
import type { Notice } from "../../src/core/notice.ts"
import { readCalled } from "../../src/command/operate/arguments.ts"
import { frame, type TopModel } from "../../src/command/operate/frame.ts"
import { poolsText, statusText } from "../../src/command/operate/status-text.ts"
import { helpOf, operatingVerbs } from "../../src/command/operate/verbs.ts"
import { noticeLine, whyText } from "../../src/command/operate/why-text.ts"
import type { FakePlatform } from "../../src/fake.ts"
import type { KamisamaOptions, Supervisor } from "../../src/index.ts"
import type { OperatorStatus, OperatorWorker } from "../../src/operator/status.ts"
import { noticesOf } from "../pool/log-scenarios.ts"

const worker: OperatorWorker = {
  id: 1,
  pid: 4101,
  state: "ready",
  since: 0,
  forMs: 8_040_123,
  incarnation: 1,
  respawns: 0,
  healthy: true,
  memoryBytes: 81 * 2 ** 20,
  cpuMs: 1_200,
  answers: true,
  load: { loopUse: 0.123, lagMs: 1.04, connections: 31, requestsPerSecond: 210.4 },
  last: { at: 0, level: "info", text: "worker 1 started (pid 4101)" },
}

const status: OperatorStatus = {
  kamisama: "1.0.0",
  api: 1,
  name: "shop",
  pid: 4100,
  runtime: "node 24.21.0",
  startedAt: 0,
  upMs: 273_600_000,
  state: "running",
  target: 3,
  ready: 2,
  generation: 12,
  isReloading: false,
  respawns: { counted: 1, limit: 24, intervalMs: 60_000 },
  next: { at: 0, inMs: 340, why: "worker 3 is forked" },
  workers: [
    worker,
    {
      ...worker,
      id: 2,
      pid: 4160,
      forMs: 41_300,
      respawns: 1,
      memoryBytes: null,
      answers: false,
      load: null,
      last: {
        at: 0,
        level: "warn",
        text: "worker 2 (pid 4102) exited with code 1: Error: \u001b[2Jno database",
      },
    },
    { ...worker, id: 3, pid: null, state: "waiting", forMs: 95, respawns: 3, last: null },
  ],
  spares: [],
}

describe("the status", () => {
  test("has a row for each worker, and what is due above them", () => {
    expect(`${statusText(status, 120)}\n`).toMatchInlineSnapshot(`
      "shop  running · 2 of 3 ready · pid 4100 · up 76 h · node 24.21.0 · generation 12
      restarts: 1 of 24 within 60 s · next: in 340 ms: worker 3 is forked

       id   pid  state      for  memory  loop   lag  conns  req/s  restarts  last
        1  4101  ready    2.2 h  81 MiB  12 %  1 ms     31    210         0  started (pid 4101)
        2  4160  ready     41 s       –     –     –      –      –         1  (pid 4102) exited with code 1: Error: \\x1b[2Jno …
        3     –  waiting  95 ms  81 MiB  12 %  1 ms     31    210         3

       worker 2 does not answer: busy, or hung. See kamisama why 2 shop
      "
    `)
  })

  test("names the pool by its process id if its name would need quotes", () => {
    const text = statusText({ ...status, name: "my shop\n" }, 120)
    expect(text).toContain("See kamisama why 2 4100")
  })

  test("says nothing of a worker that has only begun and does not answer yet", () => {
    const begun = { ...worker, id: 2, forMs: 900, answers: false, load: null }
    const fresh = { ...status, workers: [begun] }
    expect(statusText(fresh, 120)).not.toContain("not answer")
    expect(whyText(fresh, [], 2)).not.toContain("not answer")
    const hung = { ...status, workers: [{ ...begun, forMs: 1_000 }] }
    expect(statusText(hung, 120)).toContain("worker 2 does not answer")
    expect(whyText(hung, [], 2)).toContain("it did not answer within 0.3 s")
  })

  test("of several pools has aligned columns", () => {
    const bank = { ...status, name: "bank of england", pid: 401 }
    expect(poolsText([bank, status])).toBe(
      [
        "bank of england  pid 401   running, 2 of 3 ready, up 76 h",
        "shop             pid 4100  running, 2 of 3 ready, up 76 h",
      ].join("\n"),
    )
  })

  test.each([80, 60, 20])("is no wider than %i columns", (width) => {
    for (const line of statusText(status, width).split("\n")) {
      expect(line.length).toBeLessThanOrEqual(width)
    }
  })
})

describe("top", () => {
  const model: TopModel = {
    status,
    requests: new Map([
      [1, [0, 100, 200]],
      [2, [50]],
    ]),
    notices: [
      { type: "scale", level: "info", at: 0, text: "scaling\u001b[2J", reason: "scaling" },
    ] as unknown as readonly Notice[],
    chosen: 1,
    question: undefined,
    said: undefined,
  }
  const linesOf = (changes: Partial<TopModel>, columns = 100, rows = 24): readonly string[] =>
    frame({ ...model, ...changes }, columns, rows).map(({ text }) => text)

  test("shows the workers that need a look first, the requests, and what has happened", () => {
    const lines = linesOf({})
    expect(
      lines.filter((line) => /^[> ] {1,2}\d /.test(line)).map((line) => line.slice(0, 4)),
    ).toEqual(["  3 ".padStart(4), "  2 ", "> 1 "])
    expect(lines.join("\n")).toContain(" req/s  ▁▄█ 250")
    expect(lines.join("\n")).toContain("scaling\\x1b[2J")
    expect(lines.at(-1)).toContain("q quit")
  })

  test("asks before it does anything, and says what came of it", () => {
    expect(linesOf({ question: "reload" }).at(-1)).toBe(" reload? y or n")
    expect(linesOf({ said: "reload: done" }).at(-2)).toBe(" reload: done")
  })

  test.each([
    [120, 50],
    [80, 24],
    [40, 10],
    [10, 3],
  ])("fits %i columns and %i rows", (columns, rows) => {
    const lines = linesOf({ question: "reload" }, columns, rows)
    expect(lines.length).toBeLessThanOrEqual(rows)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    expect(lines.at(-1)).toContain(columns < 16 ? "reload" : "y or n")
  })

  test("waits for the first status", () => {
    expect(linesOf({ status: undefined })).toEqual(["waiting for the pool …"])
  })
})

describe("why", () => {
  const at = new Date(2026, 10, 30, 14, 2, 11).getTime()
  const notices = [
    {
      type: "fork",
      level: "info",
      at,
      id: 1,
      text: "worker 1 started",
      reason: "the first worker",
    },
    { type: "ready", level: "info", at, id: 1, text: "worker 1 is ready", reason: "is ready" },
    { type: "exit", level: "warn", at, id: 2, text: "worker 2 exited", reason: "exited" },
    { type: "scale", level: "info", at, text: "scaling", reason: "scaling" },
  ] as unknown as readonly Notice[]

  test("tells of a worker what has happened to it", () => {
    expect(whyText(status, notices, 1)).toBe(
      [
        "worker 1 (pid 4101): ready for 2.2 h, 0 restarts",
        "next: in 340 ms: worker 3 is forked",
        "",
        "14:02:11  info   worker 1 started (the first worker)",
        "14:02:11  info   worker 1 is ready",
      ].join("\n"),
    )
    expect(whyText(status, [], 9)).toContain("there is no worker 9")
  })

  test("tells of a pool what was decided and what went wrong", () => {
    const text = whyText(status, notices, undefined)
    expect(text).toContain("worker 2 exited")
    expect(text).toContain("scaling")
    expect(text).not.toContain("is ready\n")
  })

  test("escapes what comes from outside", () => {
    const notice = { ...notices[0], text: "a\u001b[2Jb", reason: "c\nd" } as Notice
    expect(noticeLine(notice)).toContain("a\\x1b[2Jb (c\\nd)")
  })
})

describe("a line of what has happened", () => {
  /** What has happened in a pool, without times and version. */
  async function linesOf(
    go: (os: FakePlatform, pool: Supervisor) => unknown,
    options: Partial<KamisamaOptions> = {},
  ): Promise<{ readonly all: string; readonly ofPool: string }> {
    const notices = await noticesOf({
      options,
      async go(os, pool) {
        await os.advance(1_000)
        await go(os, pool)
        await os.advance(20_000)
      },
    })
    const without = (text: string): string =>
      text.replaceAll(/^\d\d:\d\d:\d\d {2}|(?<=kamisama )\d+\.\d+\.\d+/gm, "")
    return {
      all: without(notices.map(noticeLine).join("\n")),
      ofPool: without(whyText(status, notices, undefined)),
    }
  }

  test("says each thing once, from the start to the end", async () => {
    const { all } = await linesOf(
      async (os, pool) => {
        void pool.scale(3)
        await os.advance(1_000)
        os.signal("SIGHUP")
        await os.advance(10_000)
        os.signal("SIGTERM")
      },
      { signals: { SIGHUP: "reload" } },
    )
    expect(all).toMatchInlineSnapshot(`
      "info   worker 1 started (pid 1001) (one of the first 2 workers)
      info   worker 2 started (pid 1002) (one of the first 2 workers)
      info   worker 1 (pid 1001) is ready
      info   worker 2 (pid 1002) is ready
      info   2 workers ready in 113 ms (primary 1000, kamisama , node 24.21.0, timeout 10 s)
      info   scaling from 2 to 3 workers (on request)
      info   worker 3 started (pid 1003) (scaled up from 2 to 3)
      info   worker 3 (pid 1003) is ready
      info   reload started: replacing 3 workers, one at a time
      info   worker 1: replacement started (pid 1004) (reload of 3 workers)
      info   worker 1 (pid 1004) is ready
      info   worker 1 (pid 1001) exited with code 0 (asked to stop)
      info   worker 2: replacement started (pid 1005) (reload of 3 workers)
      info   worker 2 (pid 1005) is ready
      info   worker 2 (pid 1002) exited with code 0 (asked to stop)
      info   worker 3: replacement started (pid 1006) (reload of 3 workers)
      info   worker 3 (pid 1006) is ready
      info   worker 3 (pid 1003) exited with code 0 (asked to stop)
      info   reload finished: all 3 workers run the new code (345 ms)
      info   stopping on SIGTERM: 3 workers, at most 10 s
      info   worker 1 (pid 1004) exited with code 0 (asked to stop)
      info   worker 2 (pid 1005) exited with code 0 (asked to stop)
      info   worker 3 (pid 1006) exited with code 0 (asked to stop)
      info   stopped, exit code 0"
    `)
  })

  test("says of a death no more than is known", async () => {
    const { all } = await linesOf(async (os) => {
      os.crash(1)
      await os.advance(1_000)
      os.crash(1, { signal: "SIGKILL" })
      await os.advance(1_000)
      os.crash(2, { signal: "SIGSEGV" })
    })
    expect(all).toMatchInlineSnapshot(`
      "info   worker 1 started (pid 1001) (one of the first 2 workers)
      info   worker 2 started (pid 1002) (one of the first 2 workers)
      info   worker 1 (pid 1001) is ready
      info   worker 2 (pid 1002) is ready
      info   2 workers ready in 113 ms (primary 1000, kamisama , node 24.21.0, timeout 10 s)
      warn   worker 1 (pid 1001) exited with code 1 (exited on its own)
      warn   worker 1 restarted (pid 1003) · 1 of 16 restarts used in the last 60 s
      info   worker 1 (pid 1003) is ready
      warn   worker 1 (pid 1003) was ended by SIGKILL, not by kamisama (out of memory?)
      warn   worker 1 restarted (pid 1004) for the 2nd time in a row · 2 of 16 restarts used in the last 60 s
      info   worker 1 (pid 1004) is ready
      warn   worker 2 (pid 1002) was ended by SIGSEGV (the signal is not from kamisama)
      warn   worker 2 restarted (pid 1005) · 3 of 16 restarts used in the last 60 s
      info   worker 2 (pid 1005) is ready"
    `)
  })

  test("about a replacement is told of the pool, too", async () => {
    const { ofPool } = await linesOf(async (os, pool) => {
      void pool.recycle(2)
      await os.advance(1_000)
    })
    expect(ofPool).toMatchInlineSnapshot(`
      "shop  running · 2 of 3 ready · pid 4100 · up 76 h · node 24.21.0 · generation 12
      restarts: 1 of 24 within 60 s · next: in 340 ms: worker 3 is forked

      info   2 workers ready in 113 ms (primary 1000, kamisama , node 24.21.0, timeout 10 s)
      info   worker 2: replacing pid 1002, on request"
    `)
  })
})

describe("what follows a verb", () => {
  test("is read, also a number that begins with a hyphen", () => {
    expect(readCalled(["-1", "shop", "--json"], ["json"])).toMatchObject({
      words: ["-1", "shop"],
      json: true,
    })
    expect(readCalled(["+1"], []).words).toEqual(["+1"])
    expect(readCalled(["--live"], ["live"]).probe).toBe("livez")
    expect(readCalled(["--last", "3"], ["last"]).last).toBe(3)
  })

  test("is refused if it is unknown", () => {
    expect(() => readCalled(["--jsn"], ["json"])).toThrow(
      "there is no flag --jsn here. Did you mean --json?",
    )
    expect(() => readCalled(["--last=x"], ["last"])).toThrow("--last needs a number")
    expect(() => readCalled(["--port=70000"], ["port"])).toThrow("--port needs a port")
    expect(() => readCalled(["--json"], ["port"])).toThrow("there is no flag --json here")
  })

  test("is explained for each verb", () => {
    for (const verb of Object.keys(operatingVerbs)) {
      expect(helpOf(verb)).toContain(`Usage: kamisama ${verb}`)
      expect(
        helpOf(verb)
          .split("\n")
          .filter((line) => line.length > 110),
      ).toEqual([])
    }
  })
})
