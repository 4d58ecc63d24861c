import { defineConfig, type Options } from "tsup"

const common: Options = {
  format: "esm",
  target: "node20",
  dts: false,
  removeNodeProtocol: false,
}

export default defineConfig([
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md). Without its layout the package is
  // smaller, and names in stack traces stay.
  {
    ...common,
    entry: { index: "src/index.ts" },
    splitting: false,
    esbuildOptions(options) {
      options.minifyWhitespace = true
      options.minifySyntax = true
      // Node prints the line of an error that nobody has caught.
      options.lineLimit = 120
    },
  },
  // What tests load shares the core. Minified it makes the package smaller still, and nobody debugs a server in it.
  {
    ...common,
    minify: true,
    esbuildOptions(options) {
      options.lineLimit = 120
    },
    entry: {
      "core/index": "src/core/index.ts",
      fake: "src/fake.ts",
    },
    splitting: true,
  },
])
