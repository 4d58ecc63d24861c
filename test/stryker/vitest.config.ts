import { defineConfig } from "vitest/config"

/** What tells one core from another: its own tests, the stories, and the rules and searches that it is held to. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: ["test/core/*.test.ts", "test/transcripts.test.ts", "test/lint-notices.test.ts"],
    exclude: ["test/core/canonicalize.test.ts"],
  },
})
