import { copyFileSync } from "node:fs"
import { defineConfig, type Options } from "tsup"

// What is shipped can be read: Node prints the line of an error that nothing has caught. It costs about a
// millisecond at the start of each process (docs/benchmark.md).
const common: Options = {
  format: "esm",
  target: "node20",
  dts: false,
  removeNodeProtocol: false,
}

/** Leaves a module out of a file, and loads it from the file beside it. */
function besideIt(
  name: string,
  filter: RegExp,
  file: string,
): NonNullable<Options["esbuildPlugins"]>[number] {
  return {
    name,
    setup(build) {
      build.onResolve({ filter }, () => ({ path: file, external: true }))
    },
  }
}

export default defineConfig([
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md).
  {
    ...common,
    entry: { index: "src/index.ts" },
    splitting: false,
    esbuildPlugins: [besideIt("the control socket", /^\.\/operator\/serve\.ts$/, "./control.js")],
  },
  // What only a pool with a control socket loads.
  { ...common, entry: { control: "src/operator/serve.ts" }, splitting: false },
  // The command, and what its workers load before the script. Both use the package beside them.
  {
    ...common,
    entry: { cli: "src/command/cli.ts", worker: "src/command/worker.ts" },
    splitting: false,
    esbuildPlugins: [besideIt("the package", /^\.\.\/index\.ts$/, "./index.js")],
  },
  // The page of a running pool, which a browser loads from `kamisama dashboard`.
  {
    ...common,
    entry: { "dashboard/page": "web/live/live-element.ts", "dashboard/style": "web/live/page.css" },
    platform: "browser",
    target: "es2022",
    minify: true,
    splitting: false,
    onSuccess: async () => copyFileSync("web/live/page.html", "dist/dashboard/page.html"),
  },
  // What tests load shares the core.
  {
    ...common,
    entry: { "core/index": "src/core/index.ts", fake: "src/fake.ts" },
    splitting: true,
  },
])
