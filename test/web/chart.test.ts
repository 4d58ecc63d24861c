/** What a pool went through, as a chart, and which part of it is seen. */
import { describe, expect, test } from "vitest"
import kamisama from "../../src/index.ts"
import { fakePlatform } from "../../src/fake.ts"
import type { KamisamaOptions } from "../../src/pool/options.ts"
import { momentText, ticksOf } from "../../web/timeline/ruler.ts"
import {
  eventAt,
  eventsIn,
  firstSpanIn,
  panned,
  pixelOf,
  positionOf,
  rescaled,
  showing,
  wholeOf,
  zoomed,
} from "../../web/timeline/view.ts"
import {
  cutOf,
  highlightsOf,
  type Incident,
  openIncident,
  partingOf,
} from "../../web/viewer/incident.ts"
import { poolRows, workerRows } from "../../web/viewer/state-table.ts"
import { whyOf } from "../../web/viewer/why.ts"

/** A reload to a version that crashes, which ends the pool. */
async function crashes(): Promise<Incident> {
  const os = fakePlatform({
    workers: ({ incarnation }) =>
      incarnation > 4 ? { dies: { after: 300 } } : { stop: { after: 200 } },
  })
  const options: Partial<KamisamaOptions> = {
    workers: 4,
    respawnLimit: 12,
    signals: { SIGHUP: "reload" },
  }
  const pool = kamisama({ ...options, run: () => undefined, platform: os, log: "silent" })
  await os.advance(2_000)
  os.signal("SIGHUP")
  await os.advance(60_000)
  return opened(pool.recording())
}

function opened(recording: string): Incident {
  const opening = openIncident(recording, () => false)
  const { value, done } = opening.next()
  if (done !== true) throw new Error("it gave way though nobody asked for it")
  return value
}

const { chart, ...incident } = await crashes()

const laneOf = (row: number, lane: number): readonly string[] =>
  (chart.rows[row]?.lanes[lane] ?? []).map(({ doing }) => doing)

describe("a chart", () => {
  test("has the pool and each worker, and both processes while one replaces another", () => {
    expect(chart.rows.map(({ name, lanes }) => `${name}: ${lanes.length}`)).toEqual([
      "pool: 1",
      "worker 1: 2",
      "worker 2: 2",
      "worker 3: 1",
      "worker 4: 1",
    ])
    expect(laneOf(0, 0)).toEqual([
      "starting",
      "running",
      "reloading",
      "running",
      "stopping",
      "done",
    ])
    expect(laneOf(1, 1)).toEqual(["booting", "starting", "ready"])
    expect(laneOf(1, 0).slice(0, 4)).toEqual(["booting", "starting", "ready", "stopping"])
    expect(laneOf(1, 0)).toContain("waiting")
  })

  test("has no gap and no overlap in a lane, and each span ends where it says", () => {
    for (const spans of chart.rows.flatMap(({ lanes }) => lanes)) {
      for (const [index, { from, to, fromAt, toAt }] of spans.entries()) {
        expect(to).toBeGreaterThanOrEqual(from)
        expect(toAt).toBeGreaterThanOrEqual(fromAt)
        const next = spans[index + 1]
        if (next !== undefined) expect(next.from).toBeGreaterThanOrEqual(to)
      }
    }
  })

  test("has every event with its orders", () => {
    expect(chart.events).toHaveLength(incident.steps.length)
    const orders = chart.events.flatMap(({ orders }) => orders)
    const { nextIncarnation = 0 } = incident.steps.at(-1)?.state ?? {}
    expect(orders.filter(({ type }) => type === "fork-worker")).toHaveLength(nextIncarnation - 1)
  })
})

describe("the part that is seen", () => {
  const whole = wholeOf(chart, "time")
  const width = 1_000

  test("zooms around a place that stays, and never beyond the ends", () => {
    const view = zoomed(whole, chart, 0.25, 0.25)
    const pivot = whole.from + (whole.to - whole.from) * 0.25
    expect(view.from + (view.to - view.from) * 0.25).toBeCloseTo(pivot)
    expect(zoomed(view, chart, 1_000, 0.5)).toEqual(whole)
    const closest = zoomed(whole, chart, 1e-9, 0.5)
    expect(closest.to - closest.from).toBeCloseTo(50)
    expect(panned(view, chart, -100).from).toBe(whole.from)
    expect(panned(view, chart, 100).to).toBeCloseTo(whole.to)
  })

  test.each(["time", "events"] as const)("has each event where it is drawn, by %s", (scale) => {
    const view = wholeOf(chart, scale)
    for (const index of chart.events.keys()) {
      const x = pixelOf(view, width, positionOf(chart, scale, index))
      const found = eventAt(chart, view, width, x)
      expect(chart.events[found]?.at).toBe(chart.events[index]?.at)
    }
    expect(eventsIn(chart, view)).toEqual([0, chart.events.length])
  })

  test("moves no more than it must to show an event", () => {
    const view = zoomed(whole, chart, 0.1, 0)
    expect(showing(view, chart, 0)).toEqual(view)
    const last = showing(view, chart, chart.events.length - 1)
    expect(last.to - last.from).toBeCloseTo(view.to - view.from)
    expect(last.to).toBeGreaterThanOrEqual(chart.events.at(-1)?.at ?? 0)
  })

  test("is the same part by the other scale", () => {
    const view = zoomed(whole, chart, 0.5, 1)
    const [first, last] = eventsIn(chart, view)
    const other = rescaled(view, chart, "events")
    expect(other.from).toBeCloseTo(first)
    expect(other.to).toBeCloseTo(last, 0)
  })

  test("begins with the span that is open at its edge, however long ago that began", () => {
    const spans = chart.rows[3]?.lanes[0] ?? []
    const view = { scale: "time", from: 9_000, to: 9_100 } as const
    expect(spans[firstSpanIn(spans, view)]?.doing).toBe("ready")
  })
})

describe("a ruler", () => {
  test.each([
    [0, 100, 800],
    [0, 7 * 86_400_000, 300],
    [12_345, 14_000, 1_000],
  ])("has ticks at round moments from %i to %i", (from, to, width) => {
    const ticks = ticksOf(from, to, width)
    expect(ticks.length).toBeGreaterThan(0)
    expect(ticks.length).toBeLessThanOrEqual(width / 90 + 1)
    for (const tick of ticks) expect(tick >= from && tick <= to).toBe(true)
  })

  test.each([
    [0, "0 ms"],
    [340, "340 ms"],
    [12_500, "12.5 s"],
    [185_000, "3:05 min"],
    [7_800_000, "2:10:00 h"],
    [352_800_000, "4 d 02:00"],
    [-90_000, "−1:30 min"],
  ])("says %i ms as %s", (ms, text) => {
    expect(momentText(ms)).toBe(text)
  })
})

describe("what stands out", () => {
  test("is the reload that failed, the storm of restarts, and that the pool gave up", () => {
    expect(highlightsOf(incident).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "reload: reload started",
      "reload: reload aborted",
      expect.stringMatching(/^restarts: 12 restarts within [\d.]+ s$/),
      "gave up: the pool gives up",
    ])
  })
})

describe("why an order was given", () => {
  const found = (type: string, rule: string): { index: number; why: ReturnType<typeof whyOf> } => {
    for (const [index, { commands }] of incident.steps.entries()) {
      const command = commands.find((one) => one.type === type && one.reason.rule === rule)
      if (command !== undefined) return { index, why: whyOf(incident.steps, index, command) }
    }
    throw new Error(`there is no ${type} by ${rule}`)
  }

  test("a restart: the exit of that worker", () => {
    const { why } = found("fork-worker", "respawn")
    expect(why.events).toHaveLength(1)
    expect(incident.steps[why.events[0] ?? 0]?.event.type).toBe("worker-exited")
    expect(why.options).toContain("respawnLimit")
  })

  test("giving up: each restart that counted", () => {
    const { why } = found("announce-give-up", "respawn-limit")
    const restarts = why.events.flatMap((index) =>
      (incident.steps[index]?.commands ?? []).filter(({ reason }) => reason.rule === "respawn"),
    )
    expect(restarts).toHaveLength(12)
  })

  test("the end of a reload: the exit of the worker that showed it", () => {
    const { why } = found("announce-reload", "replacement-failed")
    expect(incident.steps[why.events[0] ?? 0]?.event.type).toBe("worker-exited")
  })

  test("every order has an answer", () => {
    for (const [index, { commands }] of incident.steps.entries()) {
      for (const command of commands) {
        const { events } = whyOf(incident.steps, index, command)
        for (const one of events) expect(one).toBeLessThanOrEqual(index)
      }
    }
  })
})

describe("other options", () => {
  const whole: Incident = { ...incident, chart }

  test("part where the limit would have been reached", () => {
    const { index, was, wouldBe } = partingOf(whole, { ...incident.plan, respawnLimit: 5 })
    expect(was.map(({ type }) => type)).toContain("fork-worker")
    expect(wouldBe.map(({ type }) => type)).toContain("announce-give-up")
    expect(incident.steps[index]?.event.type).toMatch(/deadline-reached|worker-exited/)
  })

  test("that change nothing never part", () => {
    expect(partingOf(whole, incident.plan).index).toBe(-1)
    expect(partingOf(whole, { ...incident.plan, heartbeatTimeoutMs: false }).index).toBe(-1)
  })
})

test("a cut is a recording, and what is in it is the same", () => {
  const part = opened(cutOf({ ...incident, chart }, 20, 40))
  expect(part.steps.map(({ event }) => event)).toEqual(
    incident.steps.slice(20, 40).map(({ event }) => event),
  )
  expect(part.steps.map(({ state }) => state)).toEqual(
    incident.steps.slice(20, 40).map(({ state }) => state),
  )
  expect(part.recording.leftOut).toBe(20)
})

test("the table of the state says what an event has changed", () => {
  const index = incident.steps.findIndex(
    ({ event }) => event.type === "reload-requested" || event.type === "signal-received",
  )
  const [before, after] = [incident.steps[index - 1]?.state, incident.steps[index]?.state]
  if (before === undefined || after === undefined) throw new Error("there is no reload")
  const at = incident.steps[index]?.event.at ?? 0
  const changed = poolRows(incident.plan, after, before, at).filter(({ hasChanged }) => hasChanged)
  expect(changed.map(({ name, cells }) => `${name}: ${cells[0]}`)).toEqual(["reload: running"])
  expect(
    workerRows(after, before, at)
      .filter(({ hasChanged }) => hasChanged)
      .map(({ cells }) => cells[1]),
  ).toEqual(["booting"])
})

test("a text that is no recording is refused with its line", () => {
  expect(() => opened("nonsense")).toThrow("line 1 must be")
  const [header, plan, state] = cutOf({ ...incident, chart }, 0, 1).split("\n")
  const stranger =
    '{"type":"worker-exited","worker":{"slot":9,"incarnation":99},"code":0,"signal":null,"at":0}'
  expect(() => opened([header, plan, state, stranger].join("\n"))).toThrow(
    'line 4 must be about a worker that was forked before, got "worker 9 (#99)"',
  )
})
