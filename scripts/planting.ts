/**
 * Makes copies of the project for planted bugs, and runs programs in them.
 */
import { spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The folder of the project. */
export const root: string = fileURLToPath(new URL("..", import.meta.url))

/** Longer than any search takes. */
const longestMs = 600_000

/** What the option `--of` of a script chooses. */
export function chosenKind<Kind>(
  script: string,
  kinds: { readonly [name: string]: Kind },
  name: string,
): Kind {
  const kind = kinds[name]
  if (kind !== undefined) return kind
  const names = Object.keys(kinds).join(", ")
  throw new RangeError(`${script}: "--of" must be one of ${names}, got ${name}`)
}

/** Acts on a copy of what a search needs, and of further parts. Deletes the copy afterwards. */
export async function inCopy<Result>(
  parts: readonly string[],
  act: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-planted-"))
  try {
    for (const part of ["src", "test/proof", "test/mutants", "package.json", ...parts]) {
      cpSync(join(root, part), join(folder, part), { recursive: true })
    }
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
    return await act(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Changes a file of a copy. */
export function change(folder: string, file: string, changed: (text: string) => string): void {
  const path = join(folder, file)
  writeFileSync(path, changed(readFileSync(path, "utf8")))
}

/** The output of a program, and its exit code. */
interface Outcome {
  /** Null if it was killed because it took too long. */
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a program in a copy. */
export async function run(command: readonly string[], folder: string): Promise<Outcome> {
  const child = spawn(process.execPath, command, {
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
  return { code, output, errors }
}

/** The error of a search that did not run to its end: it must not count as one that found nothing. */
export function couldNotLook({ code, errors }: Outcome): Error {
  return new Error(code === null ? "the search took too long" : `the search failed: ${errors}`)
}

/** Works through the waiting items, as many at a time as there are cores. */
export async function workThrough<Item>(
  waiting: Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  async function worker(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}
