import { defineConfig } from "tsup"

export default defineConfig({
  entry: {
    index: "src/index.ts",
    "core/index": "src/core/index.ts",
    "platform/fake/index": "src/platform/fake/index.ts",
  },
  format: "esm",
  target: "node20",
  // One file to load: a worker is served some milliseconds sooner (docs/benchmark.md).
  splitting: false,
  clean: true,
  dts: false,
  removeNodeProtocol: false,
})
