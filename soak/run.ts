/**
 * Soaks real processes in random faults and load for a given time: `npm run soak -- --minutes 10 --seed 1 --workers 4`.
 * `--print` prints the sequence of faults and runs nothing. With `--pace 4`, the pauses between faults are four times as long,
 * and workers have four times as long to become ready: on a busy machine, they would otherwise die before they serve. The exit
 * code is 1 if anything was wrong.
 */
import { parseArgs } from "node:util"
import { describeFault, faultKinds, faultsWithin } from "./plan.ts"
import { soak, type SoakReport } from "./soak.ts"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "4" },
    pace: { type: "string", default: "1" },
    print: { type: "boolean", default: false },
  },
})

const minutes = positive("minutes", values.minutes)
const seed = whole("seed", values.seed, 0)
const workers = whole("workers", values.workers, 1)
const pace = positive("pace", values.pace)
const ms = minutes * 60_000

function positive(name: string, given: string): number {
  const value = Number(given)
  if (value > 0 && value < Infinity) return value
  throw new RangeError(`soak: --${name} must be a number above 0, got ${given}`)
}

function whole(name: string, given: string, least: number): number {
  const value = Number(given)
  if (Number.isSafeInteger(value) && value >= least) return value
  const rule = `--${name} must be a whole number, ${least} or more`
  throw new RangeError(`soak: ${rule}, got ${given}`)
}

if (values.print) {
  for (const fault of faultsWithin(seed, workers, ms)) console.log(describeFault(fault))
} else {
  // The pool has a process group of its own, and is killed when this process exits.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))
  const startedAt = performance.now()
  const report = await soak({ seed, workers, ms, pace, print: (line) => console.log(line) })
  printTable(report, (performance.now() - startedAt) / 1_000)
  if (isWrong(report)) {
    const options = `--minutes ${minutes} --seed ${seed} --workers ${workers} --pace ${pace}`
    console.log(`repeat: npm run soak -- ${options}`)
    process.exitCode = 1
  }
}

function isWrong({ lost, endings, violations, leftover }: SoakReport): boolean {
  return lost.violations.length + endings.violations.length + violations.length + leftover > 0
}

function printTable(report: SoakReport, seconds: number): void {
  const { faults, lives, requests, answered, operated, lost, held, endings, violations, leftover } =
    report
  const count = [...faults.values()].reduce((sum, kind) => sum + kind, 0)
  const rows: readonly (readonly [string, number])[] = [
    ["seed", seed],
    ["seconds", Math.round(seconds)],
    ...faultKinds.map((kind) => [`  ${kind}`, faults.get(kind) ?? 0] as const),
    ["faults", count],
    ["lives", lives],
    ["requests", requests],
    ["answered", answered],
    ["answers of control sockets", operated],
    ["not accepted, without a pool", lost.notAccepted],
    ["lost, excused", lost.excused],
    ["lost, not excused", lost.violations.length],
    ["WebSockets", held.get("WebSocket") ?? 0],
    ["event streams", held.get("event stream") ?? 0],
    ["begun heads", held.get("head") ?? 0],
    ["begun TLS hellos", held.get("hello") ?? 0],
    ["ended as promised", endings.right],
    ["ended otherwise, excused", endings.excused],
    ["ended otherwise, not excused", endings.violations.length],
    ["rule violations", violations.length],
    ["leftover processes", leftover],
  ]
  for (const [name, value] of rows) console.log(name.padEnd(34), String(value).padStart(8))
  for (const violation of violations) console.log(violation)
  for (const failure of [...lost.violations, ...endings.violations]) {
    console.log(JSON.stringify(failure))
  }
}
