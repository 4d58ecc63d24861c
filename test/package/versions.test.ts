/** Tests that the package has the same version, license and entries on npm and JSR. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

interface PackageJson {
  readonly version: string
  readonly license: string
  readonly exports: { readonly [entry: string]: string | { readonly types: string } }
  readonly bin: { readonly kamisama: string }
  readonly dependencies: { readonly [name: string]: string }
  readonly engines: { readonly node: string }
}

interface DenoJson {
  readonly version: string
  readonly license: string
  readonly exports: { readonly [entry: string]: string }
}

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")) as Content
}

const npm = read<PackageJson>("package.json")
const jsr = read<DenoJson>("deno.json")

test("package.json and deno.json have the same version and license", () => {
  expect({ version: jsr.version, license: jsr.license }).toEqual({
    version: npm.version,
    license: npm.license,
  })
})

test("package.json and deno.json have the same entries from the same sources", () => {
  const ofNpm = Object.entries(npm.exports).flatMap(([entry, target]) =>
    typeof target === "string"
      ? []
      : [[entry, target.types.replace("./dist/", "./src/").replace(/\.d\.ts$/, ".ts")]],
  )
  const cli = npm.bin.kamisama.replace("./dist/", "./src/command/").replace(/\.js$/, ".ts")
  expect({ ...Object.fromEntries(ofNpm), "./cli": cli }).toEqual(jsr.exports)
})

test("the changelog has a section for the version", () => {
  const changelog = readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8")
  expect(changelog).toContain(`\n## ${npm.version}\n`)
})

test("package.json asks for the oldest Node that the code accepts, and its dependencies are exact", () => {
  const code = readFileSync(new URL("../../src/platform/node/runtime.ts", import.meta.url), "utf8")
  const [, of20, of22] =
    /name: "Node",[^}]*oldest: .* \? "(\d+\.\d+)\.0" : "(\d+\.\d+)\.0"/.exec(code) ?? []
  expect(npm.engines.node).toBe(`^${of20} || >=${of22}`)
  for (const version of Object.values(npm.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})
