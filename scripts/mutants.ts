/**
 * Plants each bug of test/mutants/mutants.ts in a copy of the source, and runs searchers that look for it: the exhaustive
 * search, and simulation with one seed. With `--of system` it plants those of test/mutants/system-mutants.ts, and searches
 * whole systems. Arguments: numbers choose bugs, `--seeds 20` simulates with that many seeds,
 * `--only simulate` runs no other searcher, and `--suite` also runs the unit tests, which takes 15 s per bug. The exit code
 * is 1 if a bug that is not equivalent survives. A bug that simulation alone finds survives, unless `--only simulate`.
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Mutant, mutants as ofCore } from "../test/mutants/mutants.ts"
import { systemMutants } from "../test/mutants/system-mutants.ts"
import { change, chosenKind, couldNotLook, inCopy, root, run, workThrough } from "./planting.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1" },
    only: { type: "string" },
    of: { type: "string", default: "core" },
    suite: { type: "boolean", default: false },
  },
})
const vitest = join(root, "node_modules/vitest/vitest.mjs")

/** What is planted, where, and the searchers for it. */
interface Kind {
  readonly mutants: readonly Mutant[]
  /** The folder of their files. */
  readonly folder: string
  readonly explore: string
  readonly simulate: string
}

const kinds: { readonly [name: string]: Kind } = {
  core: {
    mutants: ofCore,
    folder: "src/core",
    explore: "test/mutants/explore-mutant.ts",
    simulate: "test/mutants/simulate-mutant.ts",
  },
  system: {
    mutants: systemMutants,
    folder: "src",
    explore: "test/mutants/explore-system-mutant.ts",
    simulate: "test/mutants/simulate-system-mutant.ts",
  },
}
const kind = chosenKind("mutants", kinds, values.of)
const { mutants, folder: folderOfFiles } = kind

/** A searcher, and its command. It reports a bug by printing it; the tests report it by failing. */
interface Searcher {
  readonly name: string
  readonly command: (folder: string) => readonly string[]
  readonly fails: "prints" | "exits with 1"
}

const searchers: readonly Searcher[] = [
  {
    name: "explore",
    command: (folder) => [join(folder, kind.explore)],
    fails: "prints",
  },
  {
    name: "simulate",
    command: (folder) => [join(folder, kind.simulate), values.seeds],
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
  throw new RangeError(`mutants: "--only" must be one of ${names}, got ${only}`)
}

/** What the searchers need besides what every copy has. */
const parts = used.some(({ name }) => name === "suite")
  ? ["test/core", "test/transcripts", "test/transcripts.test.ts", "vitest.config.ts"]
  : []

/** Plants the bug in a copy. */
function plant({ file, find, replace }: Mutant, folder: string): void {
  change(folder, join(folderOfFiles, file), (text) => {
    if (text.split(find).length !== 2) throw new Error(`${file} must have exactly one ${find}`)
    return text.replace(find, () => replace)
  })
}

/** What the searcher finds in that copy; undefined if it finds nothing. */
async function search({ command, fails }: Searcher, folder: string): Promise<string | undefined> {
  const outcome = await run(command(folder), folder)
  const { code, output, errors } = outcome
  if (fails === "prints" && code === 0) return output.trim() || undefined
  if (code === 0) return undefined
  const lines = `${output}\n${errors}`.split("\n")
  const failed = lines.find((line) => /^ *FAIL /.test(line))?.trim()
  if (fails === "prints" || code === null || failed === undefined) throw couldNotLook(outcome)
  return failed
}

const chosen = positionals.map(Number)
for (const [index, number] of chosen.entries()) {
  if (mutants[number] !== undefined) continue
  throw new RangeError(
    `mutants: the number of a bug must be one from 0 to ${mutants.length - 1}, got ${positionals[index]}`,
  )
}
const waiting = [...mutants.entries()].filter(
  ([index]) => chosen.length === 0 || chosen.includes(index),
)
const killed = new Map(used.map(({ name }) => [name, 0]))
const survivors: number[] = []
let [all, equivalent] = [0, 0]

async function work([index, mutant]: readonly [number, Mutant]): Promise<void> {
  await inCopy(parts, async (folder) => {
    plant(mutant, folder)
    console.log(await results(index, mutant, folder))
  })
}

async function results(index: number, mutant: Mutant, folder: string): Promise<string> {
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

// A searcher that fails without a bug would seem to find every bug.
await inCopy(parts, async (folder) => {
  for (const searcher of used) {
    const found = await search(searcher, folder)
    if (found !== undefined) throw new Error(`${searcher.name} fails without a bug: ${found}`)
  }
})
await workThrough(waiting, work)
for (const [name, count] of killed) {
  console.log(
    `${name}: ${count} found, ${all - equivalent - count} survived, ${equivalent} equivalent`,
  )
}
process.exitCode = survivors.length > 0 ? 1 : 0
