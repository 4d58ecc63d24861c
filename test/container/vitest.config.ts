import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/container/*.test.ts"],
    globalSetup: ["test/container/setup.ts"],
    // Containers mostly wait.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
})
