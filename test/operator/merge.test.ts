/** The metrics of workers as those of one program. */
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client"
import { describe, expect, test } from "vitest"
import {
  byWorker,
  merged,
  mostSeries,
  noReports,
  reported,
  type Reports,
  workerEnded,
} from "../../src/operator/merge.ts"
import { readMetrics } from "../../src/operator/read-metrics.ts"
import { writeMetrics } from "../../src/operator/write-metrics.ts"

/** A worker's program with metrics of each kind, whose requests took 0.2 s each. */
async function programOf(requests: number): Promise<{ json: unknown; text: string }> {
  const register = new Registry()
  const registers = [register]
  const labelNames = ["method"]
  const name = "app_requests_total"
  const counter = new Counter({ name, help: "Requests.", labelNames, registers })
  const gauge = new Gauge({ name: "app_open", help: "Open.", registers })
  const most = new Gauge({ name: "app_most", help: "Most.", registers, aggregator: "max" })
  const own = new Gauge({ name: "app_own", help: "Own.", registers, aggregator: "omit" })
  const buckets = [0.1, 1]
  const histogram = new Histogram({ name: "app_seconds", help: "Time.", buckets, registers })
  const summary = new Summary({ name: "app_size", help: "Size.", percentiles: [0.5], registers })
  for (let count = 0; count < requests; count += 1) {
    counter.inc({ method: 'a"\\\n' })
    histogram.observe(0.2)
    summary.observe(10)
  }
  gauge.set(requests)
  most.set(requests)
  own.set(1)
  return { json: await register.getMetricsAsJSON(), text: await register.metrics() }
}

function withReports(given: { readonly [pid: number]: unknown }): Reports {
  return Object.entries(given).reduce(
    (reports, [pid, metrics]) => reported(reports, Number(pid), readMetrics(metrics).families),
    noReports,
  )
}

function textOf(reports: Reports, answered: readonly number[]): string {
  return writeMetrics(merged(reports, new Set(answered)).families, "prometheus")
}

describe("the metrics of each worker", () => {
  const numberOf = (pid: number): number | undefined => ({ 11: 1, 12: 2 })[pid]

  test("have its number as a label, and nothing is summed", async () => {
    const [one, two] = [await programOf(2), await programOf(3)]
    const reports = withReports({ 11: one.json, 12: two.json })
    const { families } = byWorker(reports, new Set([11, 12]), numberOf)
    const text = writeMetrics(families, "prometheus")
    expect(text).toContain('app_requests_total{method="a\\"\\\\\\n",worker="1"} 2\n')
    expect(text).toContain('app_requests_total{method="a\\"\\\\\\n",worker="2"} 3\n')
    expect(text).toContain('app_open{worker="1"} 2\n')
    expect(text).toContain('app_own{worker="2"} 1\n')
  })

  test("are gone with it, and its gauges are out while it does not answer", async () => {
    const [one, two] = [await programOf(2), await programOf(3)]
    const reports = withReports({ 11: one.json, 12: two.json, 13: one.json })
    const { families } = byWorker(workerEnded(reports, 11), new Set(), numberOf)
    const text = writeMetrics(families, "prometheus")
    expect(text).not.toContain('worker="1"')
    expect(text).not.toContain("app_open")
    expect(text).toContain('app_seconds_count{worker="2"} 3\n')
  })
})

describe("the metrics of workers", () => {
  test.each(["json", "text"] as const)("are put together by kind, given as %s", async (form) => {
    const [one, two] = [await programOf(2), await programOf(3)]
    const text = textOf(withReports({ 1: one[form], 2: two[form] }), [1, 2])
    expect(text).toContain("# TYPE app_requests_total counter\n")
    expect(text).toContain('app_requests_total{method="a\\"\\\\\\n"} 5\n')
    expect(text).toContain("app_open 5\n")
    expect(text).toContain('app_seconds_bucket{le="0.1"} 0\n')
    expect(text).toContain('app_seconds_bucket{le="+Inf"} 5\n')
    expect(text).toContain("app_seconds_sum 1\n")
    expect(text).toContain("app_size_count 5\n")
    // Quantiles of several workers say nothing about all of them.
    expect(text).not.toContain("quantile")
    // A text says nothing about how gauges are put together.
    expect(text).toContain(form === "json" ? "app_most 3\n" : "app_most 5\n")
    expect(text.includes("app_own")).toBe(form === "text")
  })

  test("never go back when a worker dies, and its gauges go with it", async () => {
    const reports = withReports({ 1: (await programOf(7)).json, 2: (await programOf(1)).json })
    const after = workerEnded(reports, 1)
    expect(textOf(after, [2])).toContain('_total{method="a\\"\\\\\\n"} 8\n')
    expect(textOf(after, [2])).toContain("app_open 1\n")
    // Its replacement begins with nothing.
    const again = reported(after, 3, readMetrics((await programOf(2)).json).families)
    expect(textOf(again, [2, 3])).toContain('_total{method="a\\"\\\\\\n"} 10\n')
    expect(textOf(workerEnded(workerEnded(again, 3), 2), [])).toContain("app_seconds_count 10\n")
    // The end of a worker that never reported, or a second end of one, changes nothing.
    expect(workerEnded(after, 1)).toBe(after)
  })

  test("keep what a hung worker had counted, without its gauges", async () => {
    const reports = withReports({ 1: (await programOf(7)).json, 2: (await programOf(1)).json })
    expect(textOf(reports, [2])).toContain('_total{method="a\\"\\\\\\n"} 8\n')
    expect(textOf(reports, [2])).toContain("app_open 1\n")
  })

  test("have a bound, for each worker and for all", () => {
    const familiesOf = (worker: string, count: number): ReturnType<typeof readMetrics> => {
      const values = Array.from({ length: count }, (_, id) => ({
        labels: { id, worker },
        value: 1,
      }))
      return readMetrics([{ name: "a", type: "gauge", help: "", values }])
    }
    const reports = ["1", "2"].reduce(
      (all, worker) => reported(all, Number(worker), familiesOf(worker, 6_000).families),
      noReports,
    )
    const { families, dropped } = merged(reports, new Set([1, 2]))
    expect([families[0]?.samples.length, dropped]).toEqual([mostSeries, 2_000])
    const { families: read, problem } = familiesOf("1", mostSeries + 7)
    expect(read[0]?.samples).toHaveLength(mostSeries)
    expect(problem).toBe("a worker may have 10000 series")
  })

  test("keep what a worker had counted and can no longer tell, as while it stops", async () => {
    const before = withReports({ 1: (await programOf(7)).json })
    const after = reported(before, 1, [])
    expect(textOf(after, [1])).toContain('_total{method="a\\"\\\\\\n"} 7\n')
    expect(textOf(after, [1])).not.toContain("app_open")
    expect(textOf(workerEnded(after, 1), [])).toContain('_total{method="a\\"\\\\\\n"} 7\n')
  })

  test("are what the workers that live say they are", () => {
    const counter = readMetrics("# TYPE jobs counter\njobs_total 200").families
    const gauge = readMetrics("# TYPE jobs gauge\njobs 3").families
    const reports = reported(workerEnded(reported(noReports, 1, counter), 1), 2, gauge)
    expect(textOf(reports, [2])).toContain("jobs 3\n")
    const clash = readMetrics("# TYPE jobs counter\njobs 1\n# TYPE jobs_total gauge\njobs_total 2")
    const text = textOf(reported(noReports, 1, clash.families), [1])
    expect(text.match(/# TYPE jobs_total/g)).toHaveLength(1)
  })
})

describe("what a program gives", () => {
  test.each([
    [{}, "they must be a text, or what getMetricsAsJSON() returns"],
    [[null], "each must be an object with name, type and values"],
    [[{ name: "a b" }], 'a name must consist of letters, digits, _ and :, got "a b"'],
    [
      [{ name: "kamisama_forks", values: [] }],
      "kamisama_forks is a name of the pool's own metrics",
    ],
    [[{ name: "a" }], "a must have a list of values"],
    ["a{b=} 1", 'a line must be name{label="value"} number, got "a{b=} 1"'],
    ["a one", 'a line must be name{label="value"} number, got "a one"'],
  ])("is refused with its reason: %j", (given, problem) => {
    expect(readMetrics(given).problem).toContain(problem)
  })

  test.each([
    ["labels without commas", `jobs{${'a="b" '.repeat(40)}x} 1`],
    ["many spaces", `jobs{a="b"${" ".repeat(100_000)}x} 1`],
    ["spaces before a number", `jobs${" ".repeat(100_000)}x y z`],
    ["backslashes", `jobs{a="${"\\".repeat(100_001)}`],
    ["a long label", `jobs{a="${"x".repeat(1_000_000)}"} 1 2 3`],
  ])("takes no longer than its length, even if it is no metric: %s", (_, line) => {
    expect(readMetrics(line).problem).toContain("a line must be")
  })

  test("may be as long as 4 MiB", () => {
    const line = `jobs{a="${"x".repeat(3_000_000)}"} 1`
    expect(readMetrics(line).families[0]?.samples[0]?.value).toBe(1)
    expect(readMetrics(`${line}\n${line}`)).toEqual({
      families: [],
      problem: "a text may have 4194304 characters",
    })
  })

  test("has labels that are text, whatever they are called", () => {
    const odd = { toString: null, valueOf: null }
    const values = [
      { value: 1, labels: { odd, __proto__: "x", constructor: "y", two: 2, no: null } },
    ]
    expect(readMetrics([{ name: "a", values }]).families[0]?.samples[0]?.labels).toEqual({
      constructor: "y",
      two: "2",
    })
    const { families } = readMetrics('a{__proto__="x",constructor="y"} 1')
    expect(Object.entries(families[0]?.samples[0]?.labels ?? {})).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ])
  })

  test("may be OpenMetrics", () => {
    const text = [
      "# TYPE jobs counter",
      'jobs_total{a="b"} 3 # {trace="x"} 1',
      "jobs_created 1.7e9",
      "# TYPE time histogram",
      'time_bucket{le="+Inf"} 2',
      "# EOF",
    ].join("\n")
    expect(readMetrics(text).families).toEqual([
      { name: "jobs", type: "counter", help: "", samples: [{ labels: { a: "b" }, value: 3 }] },
      {
        name: "time",
        type: "histogram",
        help: "",
        samples: [{ suffix: "_bucket", labels: { le: "+Inf" }, value: 2 }],
      },
    ])
  })

  test("is kept as far as it can be read", () => {
    const { families, problem } = readMetrics('a 1 1700000000\n\nb c d\nx{p="q"} +Inf\n# EOF')
    expect(problem).toContain("b c d")
    expect(families.map(({ name, type, samples }) => [name, type, samples[0]])).toEqual([
      ["a", "unknown", { value: 1 }],
      ["x", "unknown", { labels: { p: "q" }, value: Infinity }],
    ])
    expect(readMetrics([{ name: "a", type: 7, values: [{ value: "1" }, 5] }]).families).toEqual([
      { name: "a", type: "unknown", help: "", samples: [] },
    ])
  })
})
