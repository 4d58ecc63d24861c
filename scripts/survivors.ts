/**
 * Lets the quick proofs, which are part of `npm test`, look for the bugs that the tests of `npm run stryker` have not found, and prints
 * how many all of them find together. It is part of `npm run stryker`, whose report it reads.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { change, couldNotLook, inCopy, root, run, workThrough } from "./planting.ts"

interface Place {
  readonly line: number
  readonly column: number
}

/** A bug as Stryker reports it, and its outcome. */
interface Planted {
  readonly status: string
  readonly mutatorName: string
  readonly replacement: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Report {
  readonly files: { readonly [file: string]: { readonly mutants: readonly Planted[] } }
}

const report = JSON.parse(
  readFileSync(join(root, "node_modules/.stryker-report.json"), "utf8"),
) as Report
const all = Object.entries(report.files).flatMap(([file, { mutants }]) =>
  mutants.map((mutant) => ({ file, ...mutant })),
)
const counted = all.filter(({ status }) => status !== "Ignored" && !status.endsWith("Error"))
const waiting = counted.filter(({ status }) => status === "Survived" || status === "NoCoverage")
const found = counted.length - waiting.length
let alsoFound = 0

/** The text with the bug in it. */
function withBug(text: string, { location: { start, end }, replacement }: Planted): string {
  return text.slice(0, offsetOf(text, start)) + replacement + text.slice(offsetOf(text, end))
}

/** Stryker counts lines and columns from 1. */
function offsetOf(text: string, { line, column }: Place): number {
  const before = text.split("\n").slice(0, line - 1)
  return before.reduce((offset, { length }) => offset + length + 1, 0) + column - 1
}

/** What the quick proofs find in a copy; undefined if they find nothing. */
async function search(folder: string): Promise<string | undefined> {
  const command = [join(folder, "test/mutants/explore-mutant.ts"), "quick"]
  const outcome = await run(command, folder)
  // It was as quick as any other without the bug.
  if (outcome.code === null) return "it never ends"
  if (outcome.code !== 0) throw couldNotLook(outcome)
  return outcome.output.trim() || undefined
}

async function work(bug: (typeof waiting)[number]): Promise<void> {
  const { file, mutatorName, replacement, location } = bug
  const what = await inCopy([], (folder) => {
    change(folder, file, (text) => withBug(text, bug))
    return search(folder)
  })
  if (what !== undefined) alsoFound += 1
  const shortened = replacement.replaceAll(/\s+/g, " ").slice(0, 60)
  console.log(`${file}:${location.start.line} ${mutatorName} ${shortened}: ${what ?? "SURVIVES"}`)
}

const withoutBug = await inCopy([], search)
if (withoutBug !== undefined) throw new Error(`The proofs fail without a bug: ${withoutBug}`)
await workThrough(waiting, work)
const share = ((100 * (found + alsoFound)) / counted.length).toFixed(2)
console.log(
  `${counted.length} bugs: ${found} found by the tests of the core and the stories, ${alsoFound} more by the quick proofs: ${share} %`,
)
