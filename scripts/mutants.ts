/**
 * Plants each bug of test/mutants/mutants.ts into a copy of the source and lets others look for it: the search through
 * everything, and simulation with one seed. Arguments: numbers choose some of the bugs, `--seeds 20` simulates with so
 * many seeds, `--only simulate` lets nobody else look, `--suite` lets the unit tests look, too, which takes a quarter of a
 * minute each. Exits with 1 where a bug that is not known to be equivalent survives all who look, but for simulation.
 */
import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Mutant, mutants } from "../test/mutants/mutants.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1" },
    only: { type: "string" },
    suite: { type: "boolean", default: false },
  },
})
const root = fileURLToPath(new URL("..", import.meta.url))
const vitest = join(root, "node_modules/vitest/vitest.mjs")
const longestMs = 600_000

/** Who looks for a bug, and with which command. What is printed tells of it; of tests, that they fail. */
interface Searcher {
  readonly name: string
  readonly command: (folder: string) => readonly string[]
  readonly fails: "prints" | "exits with 1"
}

const searchers: readonly Searcher[] = [
  {
    name: "explore",
    command: (folder) => [join(folder, "test/mutants/explore-mutant.ts")],
    fails: "prints",
  },
  {
    name: "simulate",
    command: (folder) => [join(folder, "test/mutants/simulate-mutant.ts"), values.seeds],
    fails: "prints",
  },
  {
    name: "suite",
    command: () => [
      vitest,
      "run",
      "--bail=1",
      "--project=unit",
      "--reporter=default",
      "test/core",
      "test/transcripts",
    ],
    fails: "exits with 1",
  },
]
const { only } = values
const used = searchers.filter(({ name }) =>
  only === undefined ? name !== "suite" || values.suite : name === only,
)
if (used.length === 0) {
  const names = searchers.map(({ name }) => name).join(", ")
  throw new RangeError(
    `Cannot search as "--only" must be one of ${names}: current value is ${only}`,
  )
}

/** A copy of what they need. */
function copied(): string {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-mutant-"))
  const parts = used.some(({ name }) => name === "suite")
    ? ["src", "test/core", "test/transcripts", "test/transcripts.test.ts", "vitest.config.ts"]
    : ["src"]
  for (const part of [...parts, "test/proof", "test/mutants", "package.json"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
  return folder
}

/** Puts the bug into a copy. */
function plant({ file, find, replace }: Mutant, folder: string): void {
  const path = join(folder, "src/core", file)
  const text = readFileSync(path, "utf8")
  if (text.split(find).length !== 2) throw new Error(`${file} has not just one ${find}`)
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
}

/** What is found in that copy; undefined where nothing is. */
async function search({ command, fails }: Searcher, folder: string): Promise<string | undefined> {
  const child = spawn(process.execPath, command(folder), {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longestMs,
  })
  let output = ""
  let errors = ""
  child.stdout.on("data", (data: Buffer) => (output += data.toString()))
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  if (code === null) throw new Error("the search took too long")
  if (fails === "prints" && code === 0) return output.trim() || undefined
  if (code === 0) return undefined
  const lines = `${output}\n${errors}`.split("\n")
  const failed = lines.find((line) => /^ *FAIL /.test(line))?.trim()
  // Whoever cannot look has found nothing.
  if (fails === "prints" || failed === undefined) throw new Error(`It could not look: ${errors}`)
  return failed
}

const chosen = positionals.map(Number)
for (const [index, number] of chosen.entries()) {
  if (mutants[number] !== undefined) continue
  throw new RangeError(
    `Cannot plant a bug as its number must be one from 0 to ${mutants.length - 1}: current value is ${positionals[index]}`,
  )
}
const waiting = [...mutants.entries()].filter(
  ([index]) => chosen.length === 0 || chosen.includes(index),
)
const killed = new Map(used.map(({ name }) => [name, 0]))
const survivors: number[] = []
let [all, equivalent] = [0, 0]

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [index, mutant] = next
    const folder = copied()
    try {
      plant(mutant, folder)
      console.log(await told(index, mutant, folder))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

async function told(index: number, mutant: Mutant, folder: string): Promise<string> {
  const lines = [`${String(index).padStart(3)} ${mutant.file}: ${mutant.why}`]
  let isFound = false
  all += 1
  for (const searcher of used) {
    const { name } = searcher
    const found = await search(searcher, folder)
    const isExcused = name === "simulate" && mutant.unseen !== undefined
    const why = mutant.equivalent ?? (isExcused ? mutant.unseen : undefined)
    lines.push(`    ${name.padEnd(8)} ${found ?? (why === undefined ? "SURVIVES" : `- ${why}`)}`)
    if (found === undefined || mutant.equivalent !== undefined) continue
    killed.set(name, (killed.get(name) ?? 0) + 1)
    if (name !== "simulate" || only === "simulate") isFound = true
  }
  if (mutant.equivalent !== undefined) equivalent += 1
  else if (!isFound) survivors.push(index)
  return lines.join("\n")
}

/** What finds something where no bug is would find every bug. */
async function checkSearchers(): Promise<void> {
  const folder = copied()
  try {
    for (const searcher of used) {
      const found = await search(searcher, folder)
      if (found !== undefined) throw new Error(`${searcher.name} fails without a bug: ${found}`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

await checkSearchers()
await Promise.all(Array.from({ length: availableParallelism() }, work))
for (const [name, count] of killed) {
  console.log(
    `${name}: ${count} killed, ${all - equivalent - count} survived, ${equivalent} equivalent`,
  )
}
process.exitCode = survivors.length > 0 ? 1 : 0
