import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { loadConfig } from "../../src/command/config.ts"
import { scriptAt } from "../../src/command/script.ts"
import { UsageError } from "../../src/command/usage-error.ts"

let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-config-"))
  mkdirSync(join(folder, "app", "src"), { recursive: true })
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test("loadConfig() takes the nearest file at or above the working directory", async () => {
  write("kamisama.config.json", `{ "workers": 1 }`)
  const path = write("app/kamisama.config.mjs", "export default { workers: 2 }")
  const found = await loadConfig(undefined, join(folder, "app", "src"))
  expect(found).toEqual({ path, config: { workers: 2 } })
})

test("loadConfig() takes the key kamisama of a package.json that has one", async () => {
  write("app/package.json", `{ "name": "app" }`)
  const path = write("package.json", `{ "kamisama": { "workers": 3 } }`)
  expect(await loadConfig(undefined, join(folder, "app"))).toEqual({ path, config: { workers: 3 } })
})

test("loadConfig() takes the file that is named", async () => {
  write("kamisama.config.json", `{ "workers": 1 }`)
  const path = write("other.json", `{ "workers": 4 }`)
  expect(await loadConfig("other.json", folder)).toEqual({ path, config: { workers: 4 } })
})

test.each([
  ["nowhere.js", undefined, /^--config: there is no file .*nowhere.js$/],
  ["throws.mjs", "throw new Error('no')", /throws.mjs cannot be loaded: no$/],
  ["empty.mjs", "", /empty.mjs must export an object of options. Write export default/],
  ["broken.json", "{", /broken.json cannot be read: /],
])("loadConfig() refuses %s", async (name, text, message) => {
  if (text !== undefined) write(name, text)
  const loaded = loadConfig(name, folder)
  await expect(loaded).rejects.toThrow(UsageError)
  await expect(loaded).rejects.toThrow(message)
})

test("scriptAt() finds a script without its ending, and refuses a directory and nothing", () => {
  const path = write("server.mjs", "")
  expect(scriptAt("server", folder)).toBe(path)
  expect(scriptAt("server.mjs", folder)).toBe(path)
  expect(() => scriptAt("app", folder)).toThrow(
    "app is a directory. Name the script in it, such as app/index.js.",
  )
  expect(() => scriptAt("nowhere.js", folder)).toThrow(`there is no script nowhere.js in ${folder}`)
  expect(() => scriptAt("relod", folder)).toThrow(
    `there is no script relod in ${folder}. Did you mean kamisama reload?`,
  )
})
