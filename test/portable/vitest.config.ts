import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/portable/*.test.ts"],
    // Programs in Wine take seconds to start.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    maxConcurrency: 2,
  },
})
