/**
 * Installs packages of their own that tests use, unless they are installed already: the runtimes, which exist for Linux on x64
 * only, and the libraries of the field; or those that are named, such as `frameworks`.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

function contentOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined
}

if (process.platform !== "linux" || process.arch !== "x64") {
  throw new Error(
    `the runtimes that tests run on are for linux on x64, this is ${process.platform} on ${process.arch}. \`npm run test:unit\` needs none of them.`,
  )
}

const named = process.argv.slice(2)

for (const name of named.length > 0 ? named : ["runtimes", "libraries"]) {
  const folder = fileURLToPath(new URL(`../test/${name}/`, import.meta.url))
  const wanted = contentOf(`${folder}package-lock.json`)
  const stamp = `${folder}node_modules/.installed-lock.json`
  if (wanted === undefined || contentOf(stamp) !== wanted) {
    execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", folder], { stdio: "inherit" })
    copyFileSync(`${folder}package-lock.json`, stamp)
  }
}
