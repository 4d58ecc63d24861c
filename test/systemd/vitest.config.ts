import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { include: ["test/systemd/*.test.ts"], testTimeout: 600_000, hookTimeout: 900_000 },
})
