import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/operate/*.test.ts"],
    globalSetup: ["test/real/harness/built-fixtures.ts"],
    testTimeout: 60_000,
  },
})
