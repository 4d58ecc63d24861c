import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import type { Notice } from "../../src/core/notice.ts"
import { noticeTypes } from "../../src/core/notice.ts"
import { fakePlatform } from "../../src/fake.ts"
import kamisama from "../../src/index.ts"
import { familiesOf } from "../../src/operator/metrics.ts"
import type { OperatorStatus } from "../../src/operator/status.ts"
import {
  bucketSeconds,
  countNotice,
  initialTotals,
  type Totals,
} from "../../src/operator/totals.ts"
import { formatFor, writeMetrics } from "../../src/operator/write-metrics.ts"

const status: OperatorStatus = {
  kamisama: "1.0.0",
  api: 1,
  name: 'sh"op\\\n',
  pid: 7,
  runtime: "node 24.21.0",
  startedAt: 0,
  upMs: 1,
  state: "running",
  target: 2,
  ready: 2,
  generation: 0,
  isReloading: false,
  respawns: { counted: 0, limit: null, intervalMs: 60_000 },
  next: null,
  workers: [
    {
      id: 1,
      pid: 11,
      state: "ready",
      since: 0,
      forMs: 1,
      incarnation: 1,
      respawns: 0,
      healthy: true,
      memoryBytes: 1_024,
      cpuMs: 1_500,
      answers: true,
      load: { loopUse: 0.5, lagMs: 20, connections: 3, requestsPerSecond: 1 },
      last: null,
    },
    {
      id: 2,
      pid: 12,
      state: "ready",
      since: 0,
      forMs: 1,
      incarnation: 2,
      respawns: 0,
      healthy: true,
      memoryBytes: null,
      cpuMs: null,
      answers: false,
      load: null,
      last: null,
    },
  ],
  spares: [],
}

describe("the totals", () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "agree with the pool at every notice, and no number goes back (seed %i)",
    async (seed) => {
      const os = fakePlatform({
        seed,
        workers: ({ nth }) => {
          const odd = (nth * 7 + seed) % 5
          if (odd === 0) return { dies: { after: 300, since: "run", code: 1 } }
          return odd === 1 ? { dies: { after: 900, since: "run", signal: "SIGSEGV" } } : {}
        },
      })
      const pool = kamisama({
        workers: 3,
        run: () => undefined,
        log: "silent",
        exit: false,
        platform: os,
      })
      let totals: Totals = initialTotals
      for (const type of noticeTypes) {
        pool.on(type, (notice: Notice) => {
          const before = totals
          totals = countNotice(totals, notice)
          expect(
            numbersOf(before).every((value, index) => value <= (numbersOf(totals)[index] ?? 0)),
          ).toBe(true)
        })
      }
      for (let step = 0; step < 40; step += 1) {
        const what = (step * 13 + seed * 5) % 8
        if (what === 0) void pool.reload().catch(() => undefined)
        if (what === 1) void pool.scale(1 + ((step + seed) % 4)).catch(() => undefined)
        const [first] = os.workers
        if (what === 2 && first !== undefined) os.crash(first.id)
        await os.advance(250)
        expect(Object.keys(totals.living)).toHaveLength(
          pool.workers.filter(({ pid }) => pid !== undefined).length,
        )
        const sum = (counts: object): number =>
          Object.values(counts).reduce((all, one) => all + Number(one), 0)
        expect(sum(totals.forks) - totals.forksFailed - sum(totals.exits)).toBe(
          Object.keys(totals.living).length,
        )
      }
      void pool.stop()
      await os.advance(60_000)
      expect(totals.living).toEqual({})
    },
  )

  test("tell how a worker ended", () => {
    const fork = (incarnation: number): Notice =>
      ({ type: "fork", incarnation, at: 0, rule: "respawn" }) as unknown as Notice
    const exit = (given: object): Notice =>
      ({ type: "exit", at: 1, took: null, ...given }) as unknown as Notice
    const kill = {
      type: "kill",
      incarnation: 1,
      at: 1,
      rule: "heartbeat-timeout",
    } as unknown as Notice
    const ended = (...notices: readonly Notice[]): Totals["exits"] =>
      [fork(1), ...notices].reduce(countNotice, initialTotals).exits
    expect(ended(exit({ incarnation: 1, code: 0, signal: null, expected: true }))).toEqual({
      expected: 1,
    })
    expect(ended(exit({ incarnation: 1, code: 3, signal: null, expected: true }))).toEqual({
      crash: 1,
    })
    expect(ended(exit({ incarnation: 1, code: 0, signal: null, expected: false }))).toEqual({
      finished: 1,
    })
    expect(ended(exit({ incarnation: 1, code: null, signal: "SIGSEGV", expected: false }))).toEqual(
      { signal: 1 },
    )
    expect(
      ended(kill, exit({ incarnation: 1, code: null, signal: "SIGKILL", expected: true })),
    ).toEqual({ killed: 1 })
  })
})

test("the metrics say how long workers took to stop", () => {
  const exit = { type: "exit", incarnation: 1, code: 0, signal: null, expected: true, at: 1 }
  const exits = [400, null, 3_000].map((took) => ({ ...exit, took }) as unknown as Notice)
  const { stops } = exits.reduce(countNotice, initialTotals)
  expect(stops).toEqual({ buckets: [0, 0, 1, 1, 1, 2, 2, 2, 2], sum: 3.4, count: 2 })
})

/** Every number that may only grow. */
function numbersOf(totals: Totals): readonly number[] {
  const { forks, exits, reloads, kills, starts, stops, reloadTimes } = totals
  const counts = [forks, exits, reloads, kills] as readonly {
    readonly [cause: string]: number
  }[]
  return [
    ...counts.flatMap((count) => allCauses.map((cause) => count[cause] ?? 0)),
    totals.forksFailed,
    totals.incidents,
    totals.gaveUp,
    ...starts.buckets,
    starts.count,
    ...stops.buckets,
    stops.count,
    reloadTimes.count,
  ]
}

const allCauses = `start respawn reload recycle scale expected killed signal crash finished aborted
  stop-timeout start-timeout heartbeat-timeout stop-while-booting`.split(/\s+/)

describe("the metrics", () => {
  const totals: Totals = {
    ...initialTotals,
    forks: { start: 2, respawn: 1 },
    starts: { buckets: bucketSeconds.map((bound) => (bound >= 0.5 ? 3 : 0)), sum: 1.2, count: 3 },
  }

  test("are written for Prometheus, and a worker that did not answer is told of", () => {
    const text = writeMetrics(
      familiesOf(status, totals, [{ address: "0.0.0.0:3000", waiting: 2 }], 0),
      "prometheus",
    )
    expect(text).toContain(
      'kamisama_info{version="1.0.0",runtime="node",runtime_version="24.21.0",name="sh\\"op\\\\\\n"} 1\n',
    )
    expect(text).toContain("# TYPE kamisama_forks_total counter\n")
    expect(text).toContain('kamisama_forks_total{cause="respawn"} 1\n')
    expect(text).toContain('kamisama_forks_total{cause="reload"} 0\n')
    expect(text).toContain('kamisama_worker_start_duration_seconds_bucket{le="0.25"} 0\n')
    expect(text).toContain('kamisama_worker_start_duration_seconds_bucket{le="+Inf"} 3\n')
    expect(text).toContain("kamisama_respawns_limit +Inf\n")
    expect(text).toContain('kamisama_worker_eventloop_delay_seconds{worker="1"} 0.02\n')
    expect(text).not.toContain('kamisama_worker_connections{worker="2"}')
    expect(text).toContain("kamisama_scrape_workers_missing 1\n")
    expect(text).not.toContain("pid")
  })

  test("are written for OpenMetrics", () => {
    const text = writeMetrics(
      familiesOf(status, totals, [{ address: "0.0.0.0:3000", waiting: 2 }], 0),
      "openmetrics",
    )
    expect(text).toContain("# TYPE kamisama info\nkamisama_info{")
    expect(text).toContain("# TYPE kamisama_forks counter\nkamisama_forks_total{")
    expect(text.endsWith("# EOF\n")).toBe(true)
    expect(formatFor("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")).toBe(
      "openmetrics",
    )
    expect(formatFor(undefined)).toBe("prometheus")
  })

  test("are all in the documentation", () => {
    const page = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8")
    const missing = familiesOf(status, totals, [{ address: "0.0.0.0:3000", waiting: 2 }], 0)
      .map(
        ({ name, type }) => name + (type === "counter" ? "_total" : type === "info" ? "_info" : ""),
      )
      .filter((name) => !page.includes(`\`${name}\``) && name !== "kamisama_respawns_limit")
    expect(missing).toEqual([])
  })

  test("have each family and each series once", () => {
    const lines = writeMetrics(
      familiesOf(status, totals, [{ address: "0.0.0.0:3000", waiting: 2 }], 0),
      "prometheus",
    ).split("\n")
    const names = lines.filter((line) => line.startsWith("# TYPE"))
    expect(new Set(names).size).toBe(names.length)
    const series = lines
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.slice(0, line.lastIndexOf(" ")))
    expect(new Set(series).size).toBe(series.length)
  })
})
