import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: ["test/rehearsal/*.test.ts"], testTimeout: 300_000 },
})
