/**
 * Writes the reference of the API, as pages, from the declarations of the built package.
 *
 * The compiler of the package has no interface for tools, so that an earlier one reads the declarations. They are copied, because the
 * tool would name the entries after their files, and forgets which error is thrown.
 */
import { execFileSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const here = import.meta.dirname
const copy = join(here, ".vitepress/cache/declarations")

/** The names of the entries, by their files. */
const entries: { readonly [file: string]: string } = {
  "index.d.ts": "kamisama",
  "core/index.d.ts": "kamisama/core",
  "fake.d.ts": "kamisama/fake",
}

rmSync(copy, { recursive: true, force: true })
cpSync(join(here, "../dist"), copy, { recursive: true })
for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".d.ts")) continue
  const path = join(copy, name)
  const text = readFileSync(path, "utf8").replaceAll(/@throws \{(\w+)\}/g, "@throws `$1`")
  const entry = entries[name]
  writeFileSync(path, entry === undefined ? text : `/** @module ${entry} */\n${text}`)
}
execFileSync(join(here, "node_modules/.bin/typedoc"), { cwd: here, stdio: "inherit" })
