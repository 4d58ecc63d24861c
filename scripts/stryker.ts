/**
 * Plants bugs of every kind in `src/core` with Stryker, which it installs in test/stryker, and runs the tests of the core on
 * them. `npm run stryker` takes an hour; `npm run stryker -- --mutate src/core/backoff.ts` takes one file. survivors.ts then
 * tries the bugs that the tests did not find.
 */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const folder = fileURLToPath(new URL("../test/stryker/", import.meta.url))
const stryker = `${folder}node_modules/@stryker-mutator/core/bin/stryker.js`

if (!existsSync(stryker)) {
  execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", folder], { stdio: "inherit" })
}
const args = [stryker, "run", `${folder}stryker.config.json`, ...process.argv.slice(2)]
execFileSync(process.execPath, args, { stdio: "inherit", cwd: root })
await import("./survivors.ts")
