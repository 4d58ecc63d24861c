/**
 * The fenced blocks of a page of Markdown, with where they stand and what is expected of them.
 */

/** One fenced block. */
export interface Block {
  /** The path of its page, from the root of the repository. */
  readonly page: string
  /** The number of its first line below the fence, counted from 1. */
  readonly line: number
  /** What follows the fence: the language. */
  readonly info: string
  /** Its text, without the indentation of the fence. */
  readonly text: string
  /** The indentation of the fence, as in a list. */
  readonly indent: string
  /** The file that it shows, if its first line is a comment with a path, such as `// server.mjs`. */
  readonly file: string | undefined
  /** The block after it on the same page. */
  readonly next: Block | undefined
}

/** A page: its path from the root of the repository, and its text. */
export interface Page {
  readonly path: string
  readonly text: string
}

type Mutable = { -readonly [name in keyof Block]: Block[name] }

/**
 * Reads the blocks of a page.
 *
 * @throws {SyntaxError} if a fence is never closed.
 */
export function blocksOf({ path, text }: Page): readonly Block[] {
  const blocks: Mutable[] = []
  let open: { fence: string; indent: string; info: string; line: number } | undefined
  let lines: string[] = []
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const { indent, fence, info } =
        /^(?<indent> *)(?<fence>`{3,}|~{3,})(?<info>.*)$/.exec(line)?.groups ?? {}
      if (indent === undefined || fence === undefined || info === undefined) continue
      open = { fence, indent, info: info.trim(), line: index + 2 }
      lines = []
    } else if (line.trimStart().startsWith(open.fence)) {
      const { indent, info } = open
      const body = lines.map((inner) => `${inner}\n`).join("")
      blocks.push({
        page: path,
        line: open.line,
        info,
        text: body,
        indent,
        file: /^\/\/ ([\w./-]+\.[a-z]+)$/m.exec(lines[0] ?? "")?.[1],
        next: undefined,
      })
      open = undefined
    } else {
      lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart())
    }
  }
  if (open !== undefined) throw new SyntaxError(`${path}:${open.line}: the fence is never closed`)
  for (const [index, block] of blocks.entries()) block.next = blocks[index + 1]
  return blocks
}

const codes = ["ts", "js"]

/** Whether it is code that a compiler can check. */
export function isCode({ info }: Block): boolean {
  return codes.includes(info)
}

/** The test runner that it is written for: vitest, or the one of Node. */
export function runnerOf(block: Block): "vitest" | "node:test" | undefined {
  const imports = isCode(block) ? importsOf(block) : []
  return (["vitest", "node:test"] as const).find((name) => imports.includes(name))
}

/** Whether it needs nothing but the simulation or the core, and prints something. */
export function isDemo(block: Block): boolean {
  const imports = importsOf(block)
  return (
    isCode(block) &&
    imports.some((name) => name === "kamisama/core" || name === "kamisama/fake") &&
    imports.every((name) => /^(kamisama|node:(assert|timers|util))(\/|$)|^\./.test(name)) &&
    prints(block)
  )
}

/** The block below that shows what it prints. */
export function outputOf(block: Block): Block | undefined {
  const { next } = block
  const isOutput = next?.info === "text" || (next?.info === "console" && !isSession(next))
  const isRun = runnerOf(block) !== undefined || isDemo(block)
  return isOutput && prints(block) && isRun ? next : undefined
}

/** Whether it shows commands, each after a `$`. */
export function isSession({ info, text }: Block): boolean {
  return info === "console" && text.startsWith("$ ")
}

function prints({ text }: Block): boolean {
  return text.includes("console.log(")
}

function importsOf({ text }: Block): readonly string[] {
  return [...text.matchAll(/^(?:import|export)\b[^"]*?(?:from )?"([^"]+)"/gm)].map(
    ([, name = ""]) => name,
  )
}
