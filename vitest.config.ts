import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          testTimeout: 60_000,
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: ["test/real/**", "test/package/**", "test/runtimes/**"],
        },
      },
      {
        test: {
          name: "real",
          include: ["test/real/**/*.test.ts", "test/package/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
