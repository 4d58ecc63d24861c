/**
 * The commands of a block of shell: what is wrong with those that name a script, a test project or a file.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArguments } from "../../src/command/parse.ts"
import { errorOf } from "../../src/core/plan/checks.ts"

/** What the commands of a block may name. */
export interface Known {
  /** The root of the repository. */
  readonly root: string
  /** The files that other blocks of the page show. */
  readonly shown: readonly string[]
}

/** Commands of npm that need no script. */
const npmCommands = ["ci", "install", "init", "pack", "publish"]

/**
 * Checks each command.
 *
 * @returns what is wrong, with the number of the line within the block, counted from 0.
 */
export function wrongCommands(text: string, known: Known): readonly (readonly [number, string])[] {
  return text.split("\n").flatMap((line, index) =>
    line
      .replace(/(^|\s)#.*$/, "")
      .split(/&&|\|\||[;|]/)
      .flatMap((command) => wrongCommand(command.trim().split(/\s+/), known) ?? [])
      .map((violation) => [index, violation] as const),
  )
}

function wrongCommand(words: readonly string[], known: Known): string | undefined {
  const from = words.findIndex((word) => !/^[A-Z_]+=/.test(word) && word !== "exec")
  const [program = "", ...rest] = words.slice(Math.max(0, from))
  if (program === "npm") return wrongNpm(rest, known.root)
  if (program === "npx") return wrongNpx(rest, known.root)
  return program === "node" ? wrongFile(rest, known) : undefined
}

function wrongNpm([command = "", name = ""]: readonly string[], root: string): string | undefined {
  if (npmCommands.includes(command)) return undefined
  const script = command === "run" ? name : command
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: { readonly [name: string]: string }
  }
  return script in scripts ? undefined : `package.json has no script "${script}"`
}

function wrongNpx([program = "", ...rest]: readonly string[], root: string): string | undefined {
  if (program === "kamisama") return errorOf(() => parseArguments(rest, () => false))?.message
  if (!existsSync(join(root, "node_modules/.bin", program))) return `npx cannot find "${program}"`
  const project = rest[rest.indexOf("--project") + 1]
  if (rest.includes("--project") && project !== undefined) {
    const config = readFileSync(join(root, "vitest.config.ts"), "utf8")
    if (!config.includes(`name: "${project}"`)) return `vitest has no project "${project}"`
  }
  const missing = rest.find((word) => /^\w.*\//.test(word) && !existsSync(join(root, word)))
  return missing && `"${missing}" does not exist`
}

function wrongFile(words: readonly string[], { root, shown }: Known): string | undefined {
  const path = words.find((word) => !word.startsWith("-"))?.replace(/^\.\//, "")
  // Where a program is installed is no business of the repository.
  if (path === undefined || path.startsWith("/")) return undefined
  const exists = shown.includes(path) || existsSync(join(root, path))
  return exists ? undefined : `"${path}" is neither in the repository nor shown on the page`
}
