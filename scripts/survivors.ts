/**
 * Lets the compiler and the quick proofs, which are part of `npm test`, look for the bugs that the tests of `npm run stryker`
 * have not found.
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

interface Bug extends Planted {
  readonly file: string
}

/**
 * Reads the report of Stryker, tries each bug that has survived, and prints how many are found together.
 *
 * @param searcher a script that prints what it finds in the copy that it is in, and nothing if it finds nothing.
 */
export async function trySurvivors(searcher: string): Promise<void> {
  const path = join(root, "node_modules/.stryker-report.json")
  const report = JSON.parse(readFileSync(path, "utf8")) as Report
  const all = Object.entries(report.files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant): Bug => ({ file, ...mutant })),
  )
  const counted = all.filter(({ status }) => status !== "Ignored" && !status.endsWith("Error"))
  const waiting = counted.filter(({ status }) => status === "Survived" || status === "NoCoverage")
  const found = counted.length - waiting.length
  const others = { compiler: 0, proofs: 0 }
  const withoutBug = await inCopy(parts, (folder) => search(folder, searcher))
  if (withoutBug !== undefined) throw new Error(`Found without a bug: ${withoutBug.what}`)
  await workThrough(waiting, async (bug) => {
    const { file, mutatorName, replacement, location } = bug
    const also = await inCopy(parts, (folder) => {
      change(folder, file, (text) => withBug(text, bug))
      return search(folder, searcher)
    })
    if (also !== undefined) others[also.by] += 1
    const shortened = replacement.replaceAll(/\s+/g, " ").slice(0, 60)
    const what = also?.what ?? "SURVIVES"
    console.log(`${file}:${location.start.line} ${mutatorName} ${shortened}: ${what}`)
  })
  const { compiler, proofs } = others
  const share = ((100 * (found + compiler + proofs)) / counted.length).toFixed(2)
  console.log(
    `${counted.length} bugs: ${found} found by tests, ${compiler} more by the compiler, ${proofs} more by the quick proofs: ${share} %`,
  )
}

/** The text with the bug in it. */
function withBug(text: string, { location: { start, end }, replacement }: Planted): string {
  return text.slice(0, offsetOf(text, start)) + replacement + text.slice(offsetOf(text, end))
}

/** Stryker counts lines and columns from 1. */
function offsetOf(text: string, { line, column }: Place): number {
  const before = text.split("\n").slice(0, line - 1)
  return before.reduce((offset, { length }) => offset + length + 1, 0) + column - 1
}

/** What the compiler needs in a copy. */
const parts = ["tsconfig.json", "tsconfig.build.json"]
const tsc = join(root, "node_modules/typescript/bin/tsc")

interface Also {
  readonly by: "compiler" | "proofs"
  readonly what: string
}

/** What the compiler and the quick proofs find in a copy; undefined if they find nothing. */
async function search(folder: string, searcher: string): Promise<Also | undefined> {
  const compiled = await run([tsc, "--noEmit", "-p", "tsconfig.build.json"], folder)
  if (compiled.code === null) throw couldNotLook(compiled)
  if (compiled.code !== 0) return { by: "compiler", what: "it does not compile" }
  const outcome = await run([join(folder, searcher), "quick"], folder)
  // It was as quick as any other without the bug.
  if (outcome.code === null) return { by: "proofs", what: "it never ends" }
  if (outcome.code !== 0) throw couldNotLook(outcome)
  const what = outcome.output.trim().split("\n", 1)[0]
  return what ? { by: "proofs", what } : undefined
}
