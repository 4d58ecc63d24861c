/**
 * Every fenced block of the documentation is right: code is type-checked, tests and demonstrations are run, what they
 * print is what the page shows, JSON parses, and commands name what exists.
 *
 * `KAMISAMA_TEST_UPDATE_BLOCKS=1` writes the output and the inline snapshots into the pages. Read them before they are
 * committed.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fakePlatform } from "../../src/fake.ts"
import kamisama from "../../src/index.ts"
import { type Block, blocksOf, isCode, isSession, outputOf, type Page } from "./block.ts"
import { wrongCommands } from "./commands.ts"
import { type Failure, type Module, Workshop } from "./workshop.ts"

const root = join(import.meta.dirname, "../..")
const isUpdate = process.env["KAMISAMA_TEST_UPDATE_BLOCKS"] === "1"

const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md"]
const pages: readonly Page[] = globSync(paths, { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .toSorted()
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))

/** Each kind of block with a mistake, and beside it one without. */
const wrongPage: Page = {
  path: "wrong.md",
  text: readFileSync(join(import.meta.dirname, "wrong.md"), "utf8"),
}

/** Blocks that are read, and not checked any further. */
const plain = ["console", "dockerfile", "ini", "text", "yaml"]

function failuresIn(block: Block, shown: readonly string[]): readonly Failure[] {
  const { page, line, info, text } = block
  if (info === "json") {
    try {
      JSON.parse(text)
      return []
    } catch (error) {
      return [{ page, line, text: String(error) }]
    }
  }
  if (info === "sh" || isSession(block)) {
    const commands = info === "sh" ? text : text.replaceAll(/^(?:\$ )?(.*)$/gm, sessionLine)
    return wrongCommands(commands, { root, shown }).map(([offset, violation]) => {
      return { page, line: line + offset, text: violation }
    })
  }
  if (isRecipe(block)) return failuresOfRecipe(block)
  if (isCode(block)) return failuresOfFile(block)
  if (plain.includes(info)) return []
  return [{ page, line: line - 1, text: `"${info}" is no language that is known here` }]
}

/** Whether it shows a file of test/frameworks, where real processes run it. */
function isRecipe({ page, info, text }: Block): boolean {
  return page.startsWith("docs/recipes/") && (info === "js" || text.startsWith("# haproxy.cfg"))
}

function failuresOfRecipe({ page, line, text }: Block): readonly Failure[] {
  const [, name = ""] = /^(?:\/\/|#) (\S+)\n/.exec(text) ?? []
  const path = `test/frameworks/programs/${basename(page, ".md")}/${name}`
  const file = join(root, path)
  if (name !== "" && existsSync(file) && readFileSync(file, "utf8") === text) return []
  return [{ page, line, text: `this is not what ${path} has` }]
}

/** What follows the prompt; nothing of a line that a program has printed. */
function sessionLine(line: string, command: string): string {
  return line.startsWith("$ ") ? command : ""
}

function failuresOfFile({ page, line, info, file }: Block): readonly Failure[] {
  if (file === undefined || new RegExp(`\\.[cm]?${info}$`).test(file)) return []
  return [{ page, line, text: `"${file}" is not ${info}` }]
}

/** Whether a module has printed what its page shows; a line "…" stands for any number of lines. */
function isSame(printed: string, shown: string): boolean {
  const parts = shown.trimEnd().split(/^…$/m)
  const pattern = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^]*")
  return new RegExp(`^${pattern}$`).test(printed.trimEnd())
}

/** Whether a line "…" stands for lines that are left out. */
function hasGap({ text }: Block): boolean {
  return /^…$/m.test(text)
}

/** A page with another text in a block. */
function replaced(page: string, { line, indent, text }: Block, by: string): string {
  const lines = page.split("\n")
  const count = text.split("\n").length - 1
  const added = by.trimEnd().split("\n")
  lines.splice(line - 1, count, ...added.map((each) => (each === "" ? "" : indent + each)))
  return lines.join("\n")
}

/** The recording that the pages read: one of two workers crashes until the pool gives up. */
async function incident(): Promise<string> {
  const os = fakePlatform({ workers: [{}, { dies: { after: 400 } }] })
  const run = (): void => undefined
  const pool = kamisama({ workers: 2, respawnLimit: 3, run, platform: os, log: "silent" })
  await os.advance(60_000)
  return pool.recording()
}

let failures: readonly Failure[] = []
let workshop: Workshop | undefined

beforeAll(async () => {
  const blocks = [...pages, wrongPage].flatMap(blocksOf)
  workshop = new Workshop(
    blocks.filter((block) => !isRecipe(block)),
    { "incident.jsonl": await incident() },
  )
  const found = blocks.flatMap((block) => {
    const files = blocks.filter(({ page }) => page === block.page).map(({ file }) => file ?? "")
    return failuresIn(block, files)
  })
  const [types, runs] = await Promise.all([workshop.check(), workshop.run(isUpdate)])
  const outputs = [...runs.printed].flatMap(([{ block }, printed]) => {
    const output = outputOf(block)
    if (output === undefined || isSame(printed, output.text)) return []
    if (isUpdate && !hasGap(output)) return []
    return [{ page: output.page, line: output.line, text: `what is printed is\n${printed}` }]
  })
  failures = [...found, ...types, ...runs.failures, ...outputs]
  if (isUpdate) update(workshop, runs.printed)
}, 120_000)

afterAll(() => workshop?.remove())

/** Writes what was printed, and the modules with their snapshots, into the pages: the last block first. */
function update(made: Workshop, printed: ReadonlyMap<Module, string>): void {
  for (const { path, text } of pages) {
    let updated = text
    for (const module of made.modules.toReversed()) {
      const { block } = module
      if (block.page !== path) continue
      const output = outputOf(block)
      if (output !== undefined && !hasGap(output)) {
        updated = replaced(updated, output, printed.get(module) ?? "")
      }
      updated = replaced(updated, block, made.textOf(module))
    }
    if (updated !== text) writeFileSync(join(root, path), updated)
  }
}

function failuresOf(path: string): readonly string[] {
  return failures
    .filter(({ page }) => page === path)
    .toSorted((one, other) => one.line - other.line)
    .map(({ page, line, text }) => `${page}:${line}: ${text}`)
}

describe("the documentation", () => {
  test.each(pages.map(({ path }) => path))("has no block with a mistake in %s", (path) => {
    expect(failuresOf(path)).toEqual([])
  })

  test("imports only sources that compile", () => {
    const known = [...pages, wrongPage].map(({ path }) => path)
    expect(failures.filter(({ page }) => !known.includes(page))).toEqual([])
  })
})

describe("a page with mistakes", () => {
  test.skipIf(isUpdate)(
    "has each reported with its page, its line and the error, and nothing else",
    () => {
      expect(failuresOf("wrong.md")).toMatchInlineSnapshot(`
        [
          "wrong.md:10: TS2304: Cannot find name 'connect'.",
          "wrong.md:20: TS2322: Type 'string' is not assignable to type 'number'.",
          "wrong.md:33: TS2322: Type 'number' is not assignable to type 'string'.",
          "wrong.md:39: "settings.js" is not ts",
          "wrong.md:49: AssertionError: expected 2 to be 3 // Object.is equality",
          "wrong.md:59: Error: Snapshot \`adds 1\` mismatched",
          "wrong.md:69: Error: nothing follows",
          "wrong.md:95: what is printed is
        0
        ",
          "wrong.md:109: what is printed is
        one
        ",
          "wrong.md:121: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:
          
          0 !== 1",
          "wrong.md:136: what is printed is
        0
        ",
          "wrong.md:142: SyntaxError: Unexpected token '}', "{ "scripts": }
        " is not valid JSON",
          "wrong.md:149: package.json has no script "buidl"",
          "wrong.md:150: package.json has no script "tset"",
          "wrong.md:152: vitest has no project "units"",
          "wrong.md:153: "test/nothing/here" does not exist",
          "wrong.md:154: npx cannot find "prittier"",
          "wrong.md:157: "scripts/nothing.ts" is neither in the repository nor shown on the page",
          "wrong.md:161: package.json has no script "nothing"",
          "wrong.md:168: "tsx" is no language that is known here",
          "wrong.md:177: TS2304: Cannot find name 'prepare'.",
        ]
      `)
    },
  )

  test("is refused if a fence is never closed", () => {
    const page = { path: "open.md", text: "One\n\n```ts\nconst one = 1\n" }
    expect(() => blocksOf(page)).toThrow("open.md:4: the fence is never closed")
  })
})
