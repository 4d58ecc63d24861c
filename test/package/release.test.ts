/**
 * Tests the script that prepares a release, in a repository of its own. Stubs record its calls of npm and Deno.
 */
import { execFileSync, spawnSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"

const project = fileURLToPath(new URL("../../", import.meta.url))
const { version } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
  readonly version: string
}

let folder: string
let root: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-release-"))
  root = join(folder, "project")
  for (const name of [
    "scripts/release.ts",
    "package.json",
    "package-lock.json",
    "deno.json",
    "CHANGELOG.md",
    "src/pool/version.ts",
  ]) {
    cpSync(join(project, name), join(root, name))
  }
  stub(join(folder, "bin/npm"))
  stub(join(root, "test/runtimes/node_modules/deno/deno"))
  writeFileSync(join(root, ".gitignore"), "node_modules\n")
  git("init", "--quiet")
  commit()
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A program that records how it was called, and fails if FAILING names that call. */
function stub(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true })
  const line = `echo "$(basename "$0") $*"`
  const script = `#!/bin/sh\n${line} >> "${folder}/calls"\n[ "$*" != "$FAILING" ]\n`
  writeFileSync(path, script, { mode: 0o755 })
}

function git(...args: string[]): void {
  const author = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
  execFileSync("git", [...author, ...args], { cwd: root })
}

function commit(): void {
  git("add", "--all")
  git("commit", "--quiet", "--message", "release: a state of it")
}

function release(args: readonly string[] = [], failing = "") {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "scripts/release.ts"), ...args],
    {
      encoding: "utf8",
      env: {
        ...process.env,
        FAILING: failing,
        PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      },
    },
  )
  const path = join(folder, "calls")
  const calls = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : []
  rmSync(path, { force: true })
  const refusal = stderr.split("\n").find((line) => line.startsWith("cannot release: "))
  return { status, stdout, refusal, calls }
}

test("a release installs, tests and packs what is committed, and prints how to publish it", () => {
  const { status, stdout, refusal, calls } = release()
  expect({ status, refusal }).toEqual({ status: 0, refusal: undefined })
  expect(calls).toEqual(["npm ci", "npm test", "deno publish --dry-run", "npm pack --dry-run"])
  expect(stdout).toContain(`
kamisama ${version} can be published, by

  git tag v${version} && git push origin v${version}
  npm publish
  deno publish
`)
})

test("a release with a version writes it into every file that has it, and does nothing else", () => {
  const { status, stdout, calls } = release(["7.8.9-beta.1"])
  expect(status).toBe(0)
  expect(calls).toEqual(["npm install --package-lock-only --ignore-scripts"])
  expect(stdout).toContain('Describe it in CHANGELOG.md, under\n"## 7.8.9-beta.1", commit')
  for (const name of ["package.json", "deno.json"]) {
    const before = readFileSync(join(project, name), "utf8")
    const after = before.replace(`"version": "${version}"`, '"version": "7.8.9-beta.1"')
    expect(readFileSync(join(root, name), "utf8")).toBe(after)
    expect(after).not.toBe(before)
  }
  expect(readFileSync(join(root, "src/pool/version.ts"), "utf8")).toContain('"7.8.9-beta.1"\n')
})

test("a release is refused without a section in the changelog, or with uncommitted changes", () => {
  release(["7.8.9"])
  expect(release()).toMatchObject({
    status: 1,
    refusal: "cannot release: CHANGELOG.md must tell of 7.8.9",
    calls: [],
  })
  writeFileSync(join(root, "CHANGELOG.md"), "# Changes\n\n## 7.8.9\n\nAll.\n")
  expect(release()).toMatchObject({
    status: 1,
    refusal: "cannot release: everything must be committed:",
    calls: [],
  })
  commit()
  expect(release()).toMatchObject({ status: 0, refusal: undefined })
})

test("a release is refused if versions differ, or if the version is an old one or none", () => {
  git("tag", "v3.2.1")
  expect(release(["3.2.1"])).toMatchObject({
    status: 1,
    refusal: "cannot release: the version must be a new one: the tag v3.2.1 is there",
    calls: [],
  })
  expect(release(["v4"])).toMatchObject({
    status: 1,
    refusal: "cannot release: the version must be like 1.2.3, got v4",
    calls: [],
  })
  git("tag", `v${version}`)
  expect(release().refusal).toBe(
    `cannot release: the version must be a new one: the tag v${version} is there`,
  )
  const deno = readFileSync(join(root, "deno.json"), "utf8")
  writeFileSync(join(root, "deno.json"), deno.replace(`"${version}"`, '"0.0.1"'))
  expect(release()).toMatchObject({
    status: 1,
    refusal: "cannot release: deno.json must have the version of package.json: it has 0.0.1",
    calls: [],
  })
})

test.for(["ci", "test", "publish --dry-run", "pack --dry-run"])(
  "a release does not print how to publish if %j fails",
  (failing) => {
    const { status, stdout, refusal, calls } = release([], failing)
    expect(status).toBe(1)
    expect(refusal).toBe(`cannot release: "${failing}" must succeed`)
    expect(calls.at(-1)).toMatch(new RegExp(` ${failing}$`))
    expect(stdout).not.toContain("can be published")
  },
)
