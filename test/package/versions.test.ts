/** That what npm and JSR are told of the package is the same. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

interface PackageJson {
  readonly version: string
  readonly license: string
  readonly exports: { readonly [entry: string]: string | { readonly types: string } }
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

test("package.json and deno.json have one version and one licence", () => {
  expect({ version: jsr.version, license: jsr.license }).toEqual({
    version: npm.version,
    license: npm.license,
  })
})

test("they have the same entries, of the same sources", () => {
  const ofNpm = Object.entries(npm.exports).flatMap(([entry, target]) =>
    typeof target === "string"
      ? []
      : [[entry, target.types.replace("./dist/", "./src/").replace(/\.d\.ts$/, ".ts")]],
  )
  expect(Object.fromEntries(ofNpm)).toEqual(jsr.exports)
})

test("the changelog tells of the version", () => {
  const changelog = readFileSync(new URL("../../CHANGELOG.md", import.meta.url), "utf8")
  expect(changelog).toContain(`\n## ${npm.version}\n`)
})

test("the oldest Node is the one that the code asks for, and the dependencies are exact", () => {
  const code = readFileSync(new URL("../../src/platform/node/runtime.ts", import.meta.url), "utf8")
  const [, of20, of22] =
    /name: "Node",[^}]*oldest: .* \? "(\d+\.\d+)\.0" : "(\d+\.\d+)\.0"/.exec(code) ?? []
  expect(npm.engines.node).toBe(`^${of20} || >=${of22}`)
  for (const version of Object.values(npm.dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})
