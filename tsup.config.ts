import { defineConfig, type Options } from "tsup"

// Without its layout the package is smaller, and loads sooner. Names stay, so that stack traces can be read. So do short
// lines, because Node prints the line of an error that nothing has caught.
const common: Options = {
  format: "esm",
  target: "node20",
  dts: false,
  removeNodeProtocol: false,
  esbuildOptions(options) {
    options.minifyWhitespace = true
    options.minifySyntax = true
    options.lineLimit = 120
  },
}

export default defineConfig([
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md).
  { ...common, entry: { index: "src/index.ts" }, splitting: false },
  // What tests load shares the core.
  {
    ...common,
    entry: { "core/index": "src/core/index.ts", fake: "src/fake.ts" },
    splitting: true,
  },
])
