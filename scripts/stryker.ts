/**
 * Plants bugs of every kind into `src/core` and lets its tests look for them, by Stryker, which is installed in test/stryker
 * for that. `npm run stryker`; `npm run stryker -- --mutate src/core/backoff.ts` takes one file. What they do not find
 * is left to survivors.ts. All of it takes an hour.
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
