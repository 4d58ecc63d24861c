/**
 * The runtimes that the tests run on, from test/runtimes, and how each of them starts a program.
 *
 * Node and Bun run the built package, as their users get it; Deno runs the sources, as JSR serves them.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const runtimes = ["node20", "node22", "node24", "node26", "deno", "bun"] as const

export type Runtime = (typeof runtimes)[number]

const folder = new URL("../../runtimes/node_modules/", import.meta.url)

const programs: { readonly [runtime in Runtime]: string } = {
  node20: "node20/bin/node",
  node22: "node22/bin/node",
  node24: "node24/bin/node",
  node26: "node26/bin/node",
  deno: "deno/deno",
  bun: "bun/bin/bun",
}

/** The program of a runtime. */
export function programOf(runtime: Runtime): string {
  const path = fileURLToPath(new URL(programs[runtime], folder))
  if (!existsSync(path)) throw new Error(`Cannot find ${runtime} as "npm run runtimes" was not run`)
  return path
}

/** The command that runs a script on a runtime; the script and its arguments are to follow. */
export function commandOf(runtime: Runtime): string[] {
  return runtime === "deno" ? [programOf(runtime), "run", "-A"] : [programOf(runtime)]
}

/** The script of the command `kamisama`: the built one, on Deno its source. */
export function commandScript(runtime: Runtime): string {
  const path = runtime === "deno" ? "../../../src/command/cli.ts" : "../../../dist/cli.js"
  return fileURLToPath(new URL(path, import.meta.url))
}
