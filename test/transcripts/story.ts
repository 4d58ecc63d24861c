/**
 * What a story is: a promise, a pool on the fake platform, and what happens to it. Run by test/transcripts.test.ts.
 */
import type { KamisamaOptions, Supervisor } from "../../src/index.ts"
import type { FakePlatform, FakePlatformOptions } from "../../src/platform/fake/index.ts"

export interface Story {
  /** The promise that it shows; the file is named for it. */
  readonly promise: string
  /** Two workers whose `run` returns nothing, unless it says otherwise. */
  readonly options?: Partial<KamisamaOptions>
  readonly os?: FakePlatformOptions
  readonly tell: (os: FakePlatform, pool: Supervisor) => Promise<void>
  /** Where it stops in the middle on purpose, or the primary is killed. */
  readonly isUnfinished?: boolean
}

/** A worker that does what it is asked to. */
export const obedient = {}

export const seconds = 1_000
