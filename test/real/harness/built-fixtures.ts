/**
 * The fixtures as programs that any runtime can run: written once before the tests into a folder outside of the project,
 * where `kamisama` is the built package, or, for Deno, its sources.
 *
 * For Node and Bun the types are stripped, as Node 20 cannot. For Deno there is only a module that loads the fixture
 * itself. Both load the trace first.
 */
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { TestProject } from "vitest/node"
import type { Runtime } from "./runtimes.ts"

declare module "vitest" {
  interface ProvidedContext {
    readonly builtFixtures: string
  }
}

const root = new URL("../../../", import.meta.url)
const fixtures = new URL("../fixtures/", import.meta.url)
const harness = new URL("./", import.meta.url)
const libraries = new URL("../../libraries/", import.meta.url)

/** Where the fixture of a path in the sources is, for a runtime. */
export function builtFixture(folder: string, runtime: Runtime, path: string): string {
  const name = basename(path).replace(/\.ts$/, ".js")
  return join(folder, runtime === "deno" ? "deno" : "built", "fixtures", name)
}

/** Where a program of test/libraries/programs is, for a runtime. */
export function libraryProgram(folder: string, runtime: Runtime, name: string): string {
  if (!existsSync(new URL("node_modules", libraries))) {
    throw new Error(`Cannot find the libraries as "npm run runtimes" was not run`)
  }
  return join(folder, runtime === "deno" ? "deno" : "built", "libraries", name)
}

/** The module that writes what a program observes, for a runtime. */
export function traceOf(folder: string, runtime: Runtime): string {
  return runtime === "deno"
    ? new URL("trace.ts", harness).href
    : pathToFileURL(join(folder, "built/harness/trace.js")).href
}

/** Where a program is that looks behind the face of the package, and so runs on its sources everywhere. */
export function sourceProgram(folder: string, runtime: Runtime, path: string): string {
  return runtime === "deno"
    ? fileURLToPath(new URL(path, root))
    : join(folder, "sources", scriptName(path))
}

/** Vitest calls it before the first test, and what it returns after the last. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-fixtures-"))
  build(folder)
  project.provide("builtFixtures", folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

function build(folder: string): void {
  for (const part of ["built/fixtures", "built/harness", "built/node_modules", "deno/fixtures"]) {
    mkdirSync(join(folder, part), { recursive: true })
  }
  writeFileSync(join(folder, "built/package.json"), `{ "type": "module" }`)
  symlinkSync(fileURLToPath(root), join(folder, "built/node_modules/kamisama"))
  buildSources(join(folder, "sources"))
  const source = (path: string): string => new URL(path, root).href
  const imports = {
    kamisama: source("src/index.ts"),
    "kamisama/fake": source("src/fake.ts"),
  }
  writeFileSync(
    join(folder, "deno/deno.json"),
    JSON.stringify({ imports, nodeModulesDir: "manual" }),
  )
  buildLibraryPrograms(join(folder, "built/libraries"), "../harness/trace.js")
  buildLibraryPrograms(join(folder, "deno/libraries"), new URL("trace.ts", harness).href)
  const trace = `import "../harness/trace.js"\n`
  for (const name of readdirSync(harness)) {
    writeFileSync(join(folder, "built/harness", scriptName(name)), stripped(new URL(name, harness)))
  }
  for (const name of readdirSync(fixtures)) {
    const file = new URL(name, fixtures)
    writeFileSync(join(folder, "built/fixtures", scriptName(name)), trace + stripped(file))
    writeFileSync(
      join(folder, "deno/fixtures", scriptName(name)),
      `import "${new URL("trace.ts", harness).href}"\nimport "${file.href}"\n`,
    )
  }
}

/** The programs of test/libraries, which find their libraries beside them. */
function buildLibraryPrograms(folder: string, trace: string): void {
  const programs = new URL("programs/", libraries)
  mkdirSync(folder)
  symlinkSync(fileURLToPath(new URL("node_modules", libraries)), join(folder, "node_modules"))
  for (const name of readdirSync(programs)) {
    const text = readFileSync(new URL(name, programs), "utf8")
    writeFileSync(join(folder, name), `import "${trace}"\n${text}`)
  }
}

/** All sources, and the tests that are programs of their own, with the types stripped. */
function buildSources(folder: string): void {
  const sources = fileURLToPath(root)
  const wanted = [
    "src/**/*.ts",
    "test/platform/*.ts",
    "test/promises/simulation.ts",
    "test/core/*.ts",
  ]
  const names = globSync(wanted, { cwd: sources })
  for (const name of names) {
    const path = join(folder, scriptName(name))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, stripped(new URL(name, root)))
  }
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
  symlinkSync(join(sources, "node_modules"), join(folder, "node_modules"))
}

function scriptName(name: string): string {
  return name.replace(/\.ts$/, ".js")
}

function stripped(file: URL): string {
  const text = readFileSync(file, "utf8")
  const code = file.pathname.endsWith(".ts") ? stripTypeScriptTypes(text) : text
  return code
    .replaceAll(`"../../../src/index.ts"`, `"kamisama"`)
    .replaceAll(/(from|import) "(\.[^"]+)\.ts"/g, `$1 "$2.js"`)
    .replaceAll(/new URL\("([^"]+)\.ts", import\.meta\.url\)/g, `new URL("$1.js", import.meta.url)`)
}
