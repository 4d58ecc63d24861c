/**
 * Checks that the package can be published, and prints how. It publishes nothing.
 *
 * `npm run release -- <version>` writes the version into every file that has it. When that is committed, `npm run release`
 * installs, tests and packs, and prints the commands that publish.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))
const deno = `${root}test/runtimes/node_modules/deno/deno`

function run(program: string, ...args: string[]): void {
  console.log(`\n> ${[program.split("/").at(-1), ...args].join(" ")}`)
  try {
    execFileSync(program, args, { cwd: root, stdio: "inherit" })
  } catch {
    refuse(`"${args.join(" ")}" must succeed`)
  }
}

function output(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: root, encoding: "utf8" }).trim()
}

/** Writes the version into a file, and changes nothing else in it. */
function setVersion(name: string, version: string): void {
  const text = readFileSync(`${root}${name}`, "utf8")
  writeFileSync(
    `${root}${name}`,
    text.replace(/^ {2}"version": "[^"]*"/m, `  "version": "${version}"`),
  )
  if (versionOf(name) !== version) refuse(`${name} must have a line "version" to write it into`)
}

/** The version as the pool prints it. */
function setPrintedVersion(version: string): void {
  const path = `${root}src/pool/version.ts`
  const text = readFileSync(path, "utf8")
  writeFileSync(path, text.replace(/version = "[^"]*"/, `version = "${version}"`))
}

function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(`${root}${name}`, "utf8")) as {
    readonly version: string
  }
  return version
}

function refuse(reason: string): never {
  console.error(`cannot release: ${reason}`)
  process.exit(1)
}

function refuseReleased(version: string): void {
  if (output("git", "tag", "--list", `v${version}`) !== "") {
    refuse(`the version must be a new one: the tag v${version} is there`)
  }
}

const [wanted] = process.argv.slice(2)
if (wanted !== undefined) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted)) {
    refuse(`the version must be like 1.2.3, got ${wanted}`)
  }
  refuseReleased(wanted)
  for (const name of ["package.json", "deno.json"]) setVersion(name, wanted)
  setPrintedVersion(wanted)
  run("npm", "install", "--package-lock-only", "--ignore-scripts")
  console.log(`
package.json, package-lock.json, deno.json and src/pool/version.ts say ${wanted}. Describe it in CHANGELOG.md, under
"## ${wanted}", commit everything, and check it with

  npm run release
`)
  process.exit(0)
}

const version = versionOf("package.json")
if (versionOf("deno.json") !== version) {
  refuse(`deno.json must have the version of package.json: it has ${versionOf("deno.json")}`)
}
refuseReleased(version)
if (!readFileSync(`${root}CHANGELOG.md`, "utf8").includes(`\n## ${version}\n`)) {
  refuse(`CHANGELOG.md must tell of ${version}`)
}
const changes = output("git", "status", "--porcelain")
if (changes !== "") refuse(`everything must be committed:\n${changes}`)

run("npm", "ci")
run("npm", "test")
run(deno, "publish", "--dry-run")
run("npm", "pack", "--dry-run")

console.log(`
kamisama ${version} can be published, by

  git tag v${version} && git push origin v${version}
  npm publish
  deno publish
`)
