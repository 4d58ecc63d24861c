/**
 * Plants each bug of test/mutants/mutants.ts into a copy of the source and lets the search look for it. `npm run mutants`;
 * numbers as arguments choose some of them. Exits with 1 where one survives that is not known to be equivalent.
 */
import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Mutant, mutants } from "../test/mutants/mutants.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const longestMs = 180_000

/** A copy of what the search needs, with the bug in it. */
function plant({ file, find, replace }: Mutant): string {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-mutant-"))
  for (const part of ["src", "test/proof", "test/mutants", "package.json"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  const path = join(folder, "src/core", file)
  const text = readFileSync(path, "utf8")
  if (text.split(find).length !== 2) throw new Error(`${file} has not just one ${find}`)
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  return folder
}

/** What the search finds in that copy; undefined where it finds nothing. */
async function search(folder: string): Promise<string | undefined> {
  const child = spawn(process.execPath, [join(folder, "test/mutants/explore-mutant.ts")], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: longestMs,
  })
  let output = ""
  let errors = ""
  child.stdout.on("data", (data: Buffer) => (output += data.toString()))
  child.stderr.on("data", (data: Buffer) => (errors += data.toString()))
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  if (code === 0) return output.trim() || undefined
  if (code === null) throw new Error("the search took too long")
  return errors.split("\n").find((line) => line.includes("Error:")) ?? `exit code ${code}`
}

const chosen = process.argv.slice(2).map(Number)
const waiting = [...mutants.entries()].filter(
  ([index]) => chosen.length === 0 || chosen.includes(index),
)
const survivors: number[] = []
let [killed, equivalent] = [0, 0]

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [index, mutant] = next
    const folder = plant(mutant)
    try {
      const found = await search(folder)
      if (found !== undefined) killed += 1
      else if (mutant.equivalent !== undefined) equivalent += 1
      else survivors.push(index)
      const outcome = found ?? (mutant.equivalent ? `equivalent: ${mutant.equivalent}` : "SURVIVES")
      console.log(`${String(index).padStart(3)} ${mutant.file}: ${mutant.why}\n    ${outcome}`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work))
console.log(`${killed} killed, ${equivalent} equivalent, ${survivors.length} survived`)
process.exitCode = survivors.length > 0 ? 1 : 0
