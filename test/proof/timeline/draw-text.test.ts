import { describe, expect, test } from "vitest"
import { drawTimeline, drawTimelineSvg, type LogEntry } from "../../../src/fake.ts"
import { longStory, randomLogs, transcript } from "./stories.ts"

describe("drawTimeline()", () => {
  test("shows what each worker does at each event, and the violation", async () => {
    const { log } = await transcript()
    expect(drawTimeline(log, { mark: log.length, mostCommands: 4 })).toMatchInlineSnapshot(`
      "ms        |0   23 323 748 1_285 1_923
      worker 1  |.:::##################-
      worker 2  |..:::#################---x
      worker 3  |...:::#.:#_.:#_.:#____
      worker 4  |                   .:#--
      event     |1   5    10   15   20   25
                |                          ^

      . booting  : starting  # ready  - stopping
      x killed   _ waiting   = done   ^ violation

      … 4 before these are left out
         20     1_900 ms  received SIGTTIN
                          → announce scale from 3 to 4
                          → fork worker 4 (#7): scaled up from 3 to 4
         23     2_067 ms  deadline reached
                          → announce giving up: more than 3 restarts within 60 s
                          → stop worker 1 (#1) with SIGTERM: the pool gives up
                          → stop worker 2 (#2) with SIGTERM: the pool gives up
                          → stop worker 4 (#7) with SIGTERM: the pool gives up
         26     3_067 ms  deadline reached
                          → kill worker 2 (#2): did not stop within 1 s
      ^  27     3_068 ms  worker 2 (#2) was ended by SIGKILL
                          → finish with code 1: every worker has stopped, 1 of them with a failure
      "
    `)
  })

  test("continues in another band at the edge of the terminal", async () => {
    const { log } = await longStory()
    const rows = (width: number): string[] =>
      drawTimeline(log, { width, mostColumns: 40 })
        .split("\n")
        .filter((line) => line.startsWith("worker 1"))
        .map((line) => line.slice(11))
    expect([rows(51).length, rows(52).length, rows(Infinity).length]).toEqual([2, 1, 1])
    expect(rows(51).join("")).toBe(rows(52)[0])
  })

  test("leaves out what is long before the end", async () => {
    const text = drawTimeline((await transcript()).log, { mostColumns: 5, mostCommands: 1 })
    expect(text).toMatch(/^… \d+ events before these are left out\n/)
    expect(text.match(/→/g)).toHaveLength(1)
  })

  test("is never wider than the width, whatever happens", () => {
    for (const log of randomLogs(60)) {
      for (const width of [50, 60, 100]) {
        const text = drawTimeline(log, { width, mark: log.length - 1 })
        expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width)
      }
    }
  })

  test("wraps a long reason, and breaks a word that is longer than a line", () => {
    const error = `EAGAIN ${"x".repeat(80)} as ${"so ".repeat(20)}it is`
    const [plan] = randomLogs(1)[0] ?? []
    const worker = { slot: 1, incarnation: 1 }
    const log: LogEntry[] = [
      ...(plan === undefined ? [] : [plan]),
      { kind: "event", event: { type: "fork-failed", worker, error, at: 1_234_567.89 } },
    ]
    expect(drawTimeline(log, { width: 60, mark: 1 })).toMatchInlineSnapshot(`
      "ms        |1_234_567.9
      event     |1
                |^

      . booting  : starting  # ready  - stopping
      x killed   _ waiting   = done   ^ violation

      ^   1  1_234_567.9 ms  fork of worker 1 (#1) failed: EAGAIN
                               xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                               xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                               xxxxxxxxxx as so so so so so so so
                               so so so so so so so so so so so so
                               so it is
      "
    `)
  })

  test("lists no commands if none are asked for", async () => {
    const text = drawTimeline((await transcript()).log, { mostCommands: 0 })
    expect(text).toContain("worker 1")
    expect(text).not.toContain("→")
    expect(text).not.toContain("left out")
  })

  test("lists a routine command if the violation is there", async () => {
    const { log } = await transcript()
    const mark = log.findIndex(({ kind }, index) => kind === "command" && index > 4)
    expect(drawTimeline(log, { mark })).toContain("→ run worker 1 (#1): it said hello")
    expect(drawTimeline(log)).not.toContain("→ run worker")
  })

  test("marks the first event if the plan is the violation", async () => {
    const { log } = await transcript()
    expect(drawTimeline(log, { mark: 0 })).toContain("\n^   1         0 ms  started\n")
  })

  test("says so if nothing has happened", async () => {
    const { log } = await transcript()
    expect(drawTimeline(log.slice(0, 1), { mark: 1 })).toBe("nothing has happened yet\n")
  })
})

describe.each([
  ["drawTimeline", drawTimeline, "^ violation"],
  ["drawTimelineSvg", drawTimelineSvg, "here it goes wrong"],
])("%s() refuses", (name, draw, marked) => {
  test("an empty log", () => {
    expect(() => draw([])).toThrow(
      new TypeError(`${name}: the log must begin with its plan, got an empty log`),
    )
  })

  test("a log without its plan", async () => {
    const { log } = await transcript()
    expect(() => draw(log.slice(1))).toThrow(
      new TypeError(`${name}: the log must begin with its plan, got one that begins with "event"`),
    )
  })

  test("something that is no log", async () => {
    const os: unknown = await transcript()
    expect(() => draw(os as LogEntry[])).toThrow(
      new TypeError(`${name}: the log must be an array of entries, got an object`),
    )
  })

  test.each([-1, 0.5, Number.NaN, Infinity])("the mark %s", async (mark) => {
    const { log } = await transcript()
    expect(() => draw(log, { mark })).toThrow(
      new RangeError(
        `${name}: "mark" must be the number of an entry, 0 to ${log.length}, got ${mark}`,
      ),
    )
  })

  test("the mark just beyond the end", async () => {
    const { log } = await transcript()
    expect(draw(log, { mark: log.length })).toContain(marked)
    expect(() => draw(log, { mark: log.length + 1 })).toThrow(RangeError)
  })

  test("an unknown option", async () => {
    const { log } = await transcript()
    expect(() => draw(log, { mostColums: 3 } as object)).toThrow(
      `${name}: unknown option "mostColums". Did you mean "mostColumns"?`,
    )
  })

  test.each([
    [{ mostColumns: 0 }, '"mostColumns" must be an integer, 1 or more, or Infinity'],
    [{ mostCommands: -1 }, '"mostCommands" must be an integer, 0 or more, or Infinity'],
  ])("%o", async (options, message) => {
    const { log } = await transcript()
    expect(() => draw(log, options)).toThrow(RangeError)
    expect(() => draw(log, options)).toThrow(`${name}: ${message}, got`)
  })
})

test.each([49, 60.5, 0, Number.NaN])("drawTimeline() refuses the width %s", async (width) => {
  const { log } = await transcript()
  expect(drawTimeline(log, { width: 50 })).toContain("worker 1")
  expect(() => drawTimeline(log, { width })).toThrow(
    new RangeError(
      `drawTimeline: "width" must be an integer, 50 or more, or Infinity, got ${width}`,
    ),
  )
})
