/**
 * Prints the results of the promises as a table, with a line per promise, a column per runtime and the reason for each
 * exception. It leaves out all other tests.
 */
import type { Reporter, TestCase, TestModule } from "vitest/node"
import { runtimes } from "../real/harness/runtimes.ts"
import { exceptions } from "./exceptions.ts"

const kept = "yes"
const failed = "FAILED"

export default class PromiseTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules
      .filter(({ moduleId }) => moduleId.endsWith("promises.test.ts"))
      .flatMap((module) => [...module.children.allTests()])
    const rows = new Map<string, Map<string, string>>()
    for (const test of tests) {
      const runtime = test.parent.type === "suite" ? test.parent.name : ""
      if (test.result().state === "skipped" || !runtimes.some((one) => one === runtime)) continue
      rows.set(test.name, (rows.get(test.name) ?? new Map()).set(runtime, cellOf(test, runtime)))
    }
    if (rows.size > 0) process.stdout.write(`\n${tableOf(rows)}\n`)
  }
}

function cellOf(test: TestCase, runtime: string): string {
  if (test.result().state !== "passed") return failed
  const index = exceptions.findIndex(
    (exception) => exception.runtime === runtime && exception.promise === test.name,
  )
  return index < 0 ? kept : `no (${index + 1})`
}

function tableOf(rows: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const width = Math.max(...[...rows.keys()].map((name) => name.length))
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(8)).join("")}`.trimEnd()
  return [
    line("", runtimes),
    ...[...rows].map(([name, cells]) =>
      line(
        name,
        runtimes.map((runtime) => cells.get(runtime) ?? "-"),
      ),
    ),
    ...exceptions.map(({ reason }, index) => `(${index + 1}) ${reason}`),
    "",
  ].join("\n")
}
