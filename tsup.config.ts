import { defineConfig, type Options } from "tsup"

const common: Options = {
  format: "esm",
  target: "node20",
  dts: false,
  removeNodeProtocol: false,
}

export default defineConfig([
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md).
  { ...common, entry: { index: "src/index.ts" }, splitting: false },
  // What tests load shares the core. Minified it makes the package 7 kB smaller, and nobody debugs a server in it.
  {
    ...common,
    minify: true,
    entry: {
      "core/index": "src/core/index.ts",
      "platform/fake/index": "src/platform/fake/index.ts",
    },
    splitting: true,
  },
])
