import { defineConfig } from "vitest/config"

/** The tests that can tell one worker, wire or reaper from another. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: [
      "test/worker/*.test.ts",
      "test/platform/{link,wire,reaper-destruction,reaper-keeping,reaper-life}.test.ts",
      "test/platform/fake/*.test.ts",
      "test/platform/node/reaper-script.test.ts",
      "test/pool/carry-out.test.ts",
    ],
  },
})
