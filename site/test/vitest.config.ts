import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "web",
    include: ["site/test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    // The machine may have something else to do.
    expect: { poll: { timeout: 20_000 } },
  },
})
