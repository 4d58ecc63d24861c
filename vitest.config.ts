import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // What failed is printed last, where it is looked for.
    reporters: ["./test/promises/table.ts", "default"],
    // Real processes mostly wait: more of them than cores still have time enough.
    maxConcurrency: 4,
    projects: [
      {
        test: {
          name: "unit",
          // By default it leaves one core free.
          maxWorkers: "100%",
          testTimeout: 60_000,
          include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: [
            "test/{real,promises,package,runtimes,libraries,container,frameworks,operate,portable,rehearsal,systemd,stryker}/**",
          ],
        },
      },
      {
        test: {
          name: "real",
          include: ["test/real/**/*.test.ts"],
          globalSetup: "test/real/harness/built-fixtures.ts",
          // Alone: what shares the cores with real processes makes them slower.
          sequence: { groupOrder: 1 },
          maxWorkers: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          // Compilers and package managers: they take both cores.
          sequence: { groupOrder: 3 },
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "promises",
          include: ["test/promises/**/*.test.ts"],
          sequence: { groupOrder: 2 },
          globalSetup: "test/real/harness/built-fixtures.ts",
          testTimeout: 200_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
