/**
 * Plants bugs of every kind in `src/core` with Stryker, which it installs in test/stryker, and runs the tests of the core on
 * them; with `--of system` in the worker, the wire and the reaper. `npm run stryker` takes an hour;
 * `npm run stryker -- --mutate src/core/backoff.ts` takes one file. survivors.ts then tries the bugs that the tests did not find.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { chosenKind, root } from "./planting.ts"
import { trySurvivors } from "./survivors.ts"

/** What is mutated, and who looks for it. */
interface Kind {
  readonly files: readonly string[]
  readonly tests: string
  readonly searcher: string
}

const kinds: { readonly [name: string]: Kind } = {
  core: {
    files: ["src/core/**/*.ts"],
    tests: "test/stryker/core.vitest.config.ts",
    searcher: "test/mutants/explore-mutant.ts",
  },
  system: {
    files: [
      "src/worker/{step,life,own-stop,leaving}.ts",
      "src/platform/{link,wire,reaper-*}.ts",
      "src/pool/carry-out.ts",
    ],
    tests: "test/stryker/system.vitest.config.ts",
    searcher: "test/mutants/explore-system-mutant.ts",
  },
}

const { values } = parseArgs({
  options: { of: { type: "string", default: "core" }, mutate: { type: "string" } },
})
const kind = chosenKind("stryker", kinds, values.of)

const folder = fileURLToPath(new URL("../test/stryker/", import.meta.url))
const program = `${folder}node_modules/@stryker-mutator/core/bin/stryker.js`
const settings = `${root}node_modules/.stryker-config.json`

if (!existsSync(program)) {
  execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", folder], { stdio: "inherit" })
}
const common = JSON.parse(readFileSync(`${folder}stryker.config.json`, "utf8")) as object
const mutate = values.mutate?.split(",") ?? kind.files
const vitest = { configFile: kind.tests, related: false }
writeFileSync(settings, JSON.stringify({ ...common, mutate, vitest }))
execFileSync(process.execPath, [program, "run", settings], { stdio: "inherit", cwd: root })
await trySurvivors(kind.searcher)
