/**
 * A directory in which the blocks of all pages are modules of their own, so that one compiler checks them and one test
 * runner runs them. Every module begins with as many empty lines as stand above its block: a line of the module is a line
 * of the page.
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { pathToFileURL } from "node:url"
import { type Block, isCode, isDemo, runnerOf } from "./block.ts"

/** A module made of a block. */
export interface Module {
  readonly block: Block
  /** Its path from the directory, with forward slashes. */
  readonly path: string
}

/** Something wrong with a page. */
export interface Failure {
  readonly page: string
  readonly line: number
  readonly text: string
}

/** What became of the modules that were run. */
export interface Runs {
  readonly failures: readonly Failure[]
  /** What each module has printed. */
  readonly printed: ReadonlyMap<Module, string>
}

const root = join(import.meta.dirname, "../..")

/** Declarations of packages whose programs the pages show, and which are not installed here. */
const foreignPackages = `
declare module "throng" {
  export default function throng(options: {
    worker(id: number, disconnect: () => void): unknown
    [option: string]: unknown
  }): Promise<void>
}
`

/** The directory, with the modules of some blocks in it. */
export class Workshop {
  readonly modules: readonly Module[]
  readonly #path: string

  /** @param files what the modules read, by name. */
  constructor(blocks: readonly Block[], files: { readonly [name: string]: string }) {
    mkdirSync(join(root, ".cache"), { recursive: true })
    this.#path = mkdtempSync(join(root, ".cache", "blocks-"))
    this.modules = modulesOf(blocks.filter(isCode))
    this.#write("package.json", JSON.stringify({ type: "module" }))
    for (const [name, text] of Object.entries(files)) this.#write(name, text)
    for (const { path, block } of this.modules) {
      this.#write(path, "\n".repeat(block.line - 1) + block.text)
    }
  }

  /** Type-checks all modules together. */
  async check(): Promise<readonly Failure[]> {
    const paths = Object.entries(sources()).map(([name, path]) => [name, [path]])
    const compilerOptions = {
      target: "es2022",
      lib: ["es2023"],
      types: ["node"],
      module: "nodenext",
      moduleDetection: "force",
      strict: true,
      allowJs: true,
      checkJs: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
      paths: Object.fromEntries(paths),
    }
    this.#write("foreign.d.ts", foreignPackages)
    const files = ["foreign.d.ts", ...this.modules.map(({ path }) => path)]
    this.#write("tsconfig.json", JSON.stringify({ compilerOptions, files }))
    const tsc = join(root, "node_modules/typescript/bin/tsc")
    const { output } = await run([tsc, "-p", this.#path, "--pretty", "false"], this.#path)
    const failures: Failure[] = []
    for (const line of output.split("\n")) {
      const [, path, at, text] = /^(\S.*?)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
      if (path !== undefined && text !== undefined) {
        failures.push(this.#failureAt(path, Number(at), text))
      } else if (line.startsWith("error ")) throw new Error(output)
    }
    return failures
  }

  /** Runs the modules that have tests, or that print what comes of the simulation. */
  async run(isUpdate: boolean): Promise<Runs> {
    const modules = this.modules.filter(
      ({ block }) => runnerOf(block) !== undefined || isDemo(block),
    )
    this.#write("printed.js", printed)
    const byNode = modules.filter(({ block }) => runnerOf(block) === "node:test")
    const byVitest = modules.filter((module) => !byNode.includes(module))
    const failures = [await this.#runByVitest(byVitest, isUpdate), await this.#runByNode(byNode)]
    const outputs = modules.map((module) => {
      return [module, this.#read(`${this.#testOf(module)}.printed`) ?? ""] as const
    })
    return { failures: failures.flat(), printed: new Map(outputs) }
  }

  async #runByVitest(modules: readonly Module[], isUpdate: boolean): Promise<readonly Failure[]> {
    const tests = new Map(modules.map((module) => [this.#testOf(module), module]))
    this.#write("setup.js", setup)
    const alias = Object.entries(sources()).map(([find, replacement]) => ({ find, replacement }))
    // Of two names the longer one must come first: one is the beginning of the other.
    alias.sort((one, other) => other.find.length - one.find.length)
    const config = {
      root: this.#path,
      resolve: { alias },
      test: {
        include: [...tests.keys()],
        setupFiles: ["setup.js"],
        reporters: [["json", { outputFile: "report.json" }]],
        testTimeout: 60_000,
      },
    }
    this.#write("vitest.config.js", `export default ${JSON.stringify(config)}\n`)
    const vitest = join(root, "node_modules/vitest/vitest.mjs")
    const update = `--update=${isUpdate ? "all" : "none"}`
    const { output } = await run([vitest, "run", "--root", this.#path, update], this.#path)
    const report = this.#read("report.json")
    if (report === undefined) throw new Error(output)
    return (JSON.parse(report) as Report).testResults.flatMap(
      ({ name, message, assertionResults }) => {
        const module = tests.get(this.#pathOf(name))
        if (module === undefined) throw new Error(`[BUG] nothing is known of ${name}: ${output}`)
        const messages = assertionResults.flatMap((result) => result.failureMessages)
        if (message !== "") messages.push(message)
        return messages.map((text) => this.#failureOf(module, text))
      },
    )
  }

  async #runByNode(modules: readonly Module[]): Promise<readonly Failure[]> {
    this.#write("hooks.js", hooks(sources()))
    const failures: Failure[] = []
    for (const module of modules) {
      const { code, output } = await run(["--import", "./hooks.js", module.path], this.#path)
      if (code !== 0) failures.push(this.#failureOf(module, nodeError(output)))
    }
    return failures
  }

  /** The text of a module as it is now, without the lines above its block. */
  textOf({ path, block }: Module): string {
    return (this.#read(path) ?? "").slice(block.line - 1)
  }

  remove(): void {
    rmSync(this.#path, { recursive: true })
  }

  /** The file that the test runner is given for a module: itself, or one that imports it. */
  #testOf({ path, block }: Module): string {
    if (runnerOf(block) !== undefined) return path
    const test = `${path}.run.test.js`
    const specifier = JSON.stringify(`./${path.slice(path.lastIndexOf("/") + 1)}`)
    this.#write(
      test,
      `import { test } from "vitest"\ntest("runs", async () => void (await import(${specifier})))\n`,
    )
    return test
  }

  #failureAt(path: string, line: number, text: string): Failure {
    const module = this.modules.find((candidate) => candidate.path === path.replaceAll("\\", "/"))
    return module === undefined
      ? { page: path, line, text }
      : { page: module.block.page, line, text }
  }

  /** A failure of a test, at the first line of the module that its stack names. */
  #failureOf({ path, block }: Module, stack: string): Failure {
    const name = path.slice(path.lastIndexOf("/") + 1).replaceAll(".", "\\.")
    const line = new RegExp(`${name}:(\\d+):`).exec(stack)?.[1]
    const text = stack.replaceAll(this.#path + sep, "").split(/\n\s+at /)[0] ?? stack
    return { page: block.page, line: Number(line ?? block.line), text }
  }

  #pathOf(path: string): string {
    return relative(this.#path, path).replaceAll(sep, "/")
  }

  #write(path: string, text: string): void {
    const full = join(this.#path, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, text)
  }

  #read(path: string): string | undefined {
    try {
      return readFileSync(join(this.#path, path), "utf8")
    } catch {
      return undefined
    }
  }
}

/** What the reporter writes. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[]
  }[]
}

/** Keeps what a module prints in a file beside it. */
const printed = `
import { writeFileSync } from "node:fs"
import { format } from "node:util"

let text = ""
console.log = (...given) => void (text += format(...given) + "\\n")
export const keep = (path) => writeFileSync(path + ".printed", text)
`

const setup = `
import { afterAll } from "vitest"
import { keep } from "./printed.js"

afterAll(({}, { file }) => keep(file.filepath))
`

function hooks(targets: { readonly [name: string]: string }): string {
  const urls = Object.entries(targets).map(([name, path]) => [name, pathToFileURL(path).href])
  return `
import { registerHooks } from "node:module"
import { keep } from "./printed.js"

const urls = ${JSON.stringify(Object.fromEntries(urls))}
registerHooks({ resolve: (name, context, next) => next(urls[name] ?? name, context) })
process.on("exit", () => keep(process.argv[1]))
`
}

/** The error that the test runner of Node prints last. */
function nodeError(output: string): string {
  const [, error = output] = output.split(/^. failing tests:$/m)
  return error.trim().split("\n").slice(2).join("\n").trim()
}

/**
 * Gives each block a path: that of the file it shows, or one with its line. Blocks of one page are in one directory, so
 * that one can import another.
 */
function modulesOf(blocks: readonly Block[]): readonly Module[] {
  const taken = new Set<string>()
  return blocks.map((block) => {
    const page = block.page.replaceAll(/[^\w-]+/g, "_")
    const type = runnerOf(block) === undefined ? "" : "test."
    const named = block.file && `${page}/${block.file}`
    const path =
      named === undefined || taken.has(named)
        ? `${page}/block-${block.line}.${type}${block.info}`
        : named
    taken.add(path)
    return { block, path }
  })
}

/** The paths of the sources behind the names that a program imports. */
function sources(): { readonly [name: string]: string } {
  const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as {
    readonly exports: { readonly [path: string]: string }
  }
  return Object.fromEntries(
    Object.entries(exports).map(([path, file]) => [`kamisama${path.slice(1)}`, join(root, file)]),
  )
}

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs Node until it ends. */
function run(args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", "pipe", "pipe"] as const
    const child = spawn(process.execPath, args, { cwd, stdio: [...stdio] })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (data: string) => (output += data))
    }
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, output }))
  })
}
