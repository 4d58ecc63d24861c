/**
 * Lets the quick proofs, which are part of `npm test`, look for the bugs that `npm run stryker` has planted and its tests
 * have not found, and prints how many all of them together find. Part of `npm run stryker`, whose report it reads.
 */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

interface Place {
  readonly line: number
  readonly column: number
}

/** A bug as Stryker reports it, and what became of it. */
interface Planted {
  readonly status: string
  readonly mutatorName: string
  readonly replacement: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Report {
  readonly files: { readonly [file: string]: { readonly mutants: readonly Planted[] } }
}

const root = fileURLToPath(new URL("..", import.meta.url))
const run = promisify(execFile)
/** One that makes the core go on for ever is found, too. */
const longestMs = 300_000

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

async function work(): Promise<void> {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-survivor-"))
    try {
      for (const part of ["src", "test/proof", "test/mutants", "package.json"]) {
        cpSync(join(root, part), join(folder, part), { recursive: true })
      }
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
      const path = join(folder, bug.file)
      writeFileSync(path, withBug(readFileSync(path, "utf8"), bug))
      const what = await search(folder)
      if (what !== undefined) alsoFound += 1
      const { file, mutatorName, replacement, location } = bug
      const shortened = replacement.replaceAll(/\s+/g, " ").slice(0, 60)
      console.log(
        `${file}:${location.start.line} ${mutatorName} ${shortened}: ${what ?? "SURVIVES"}`,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

/** What the quick proofs find; undefined where they find nothing. */
async function search(folder: string): Promise<string | undefined> {
  try {
    const command = [join(folder, "test/mutants/explore-mutant.ts"), "quick"]
    const { stdout } = await run(process.execPath, command, { cwd: folder, timeout: longestMs })
    return stdout.trim() || undefined
  } catch (error) {
    return String(error).split("\n")[0]
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work))
const share = ((100 * (found + alsoFound)) / counted.length).toFixed(2)
console.log(
  `${counted.length} bugs: ${found} found by the tests of the core and the stories, ${alsoFound} more by the quick proofs: ${share} %`,
)
