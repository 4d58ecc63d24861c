import { BaseSequencer, type TestSpecification } from "vitest/node"
import { defineConfig } from "vitest/config"

/** These go through many runs. Most bugs are found without them, in a hundredth of the time. */
const slow = ["replay", "crash-loop", "deadline", "lint", "lint-notices", "transcripts"]

class QuickOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean =>
      slow.some((name) => moduleId.endsWith(`/${name}.test.ts`))
    return [...files.filter((file) => !isSlow(file)), ...files.filter(isSlow)]
  }
}

/** The tests that can tell one core from another. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: [
      "test/core/**/*.test.ts",
      "test/transcripts.test.ts",
      "test/pool/{lint-notices,log}.test.ts",
    ],
    exclude: ["test/core/canonicalize.test.ts"],
    sequence: { sequencer: QuickOnesFirst },
  },
})
