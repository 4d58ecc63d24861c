import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/frameworks/*.test.ts"],
    globalSetup: ["test/real/harness/built-fixtures.ts", "test/frameworks/nitro-build.ts"],
    // They wait for connections to end most of the time.
    maxConcurrency: 6,
    testTimeout: 200_000,
    hookTimeout: 60_000,
  },
})
