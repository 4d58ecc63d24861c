import { defineConfig, type Options } from "tsup"

// What is shipped can be read: Node prints the line of an error that nothing has caught. It costs about a
// millisecond at the start of each process (docs/benchmark.md).
const common: Options = {
  format: "esm",
  target: "node20",
  dts: false,
  removeNodeProtocol: false,
}

export default defineConfig([
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md).
  { ...common, entry: { index: "src/index.ts" }, splitting: false },
  // The command, and what its workers load before the script. Both use the package beside them.
  {
    ...common,
    entry: { cli: "src/command/cli.ts", worker: "src/command/worker.ts" },
    splitting: false,
    esbuildPlugins: [
      {
        name: "the package beside it",
        setup(build) {
          build.onResolve({ filter: /\/index\.ts$/ }, ({ path, importer }) =>
            path === "../index.ts" && /command.[a-z]+\.ts$/.test(importer)
              ? { path: "./index.js", external: true }
              : undefined,
          )
        },
      },
    ],
  },
  // What tests load shares the core.
  {
    ...common,
    entry: { "core/index": "src/core/index.ts", fake: "src/fake.ts" },
    splitting: true,
  },
])
