import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/rehearsal/*.test.ts"],
    testTimeout: 300_000,
    // Rehearsals mostly wait, and none is in the way of another.
    sequence: { concurrent: true },
  },
})
