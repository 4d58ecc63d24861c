/**
 * What a story is: a promise, a pool on the fake platform, and what happens to it. And what a history is. Run by
 * test/transcripts.test.ts.
 */
import type { PlanOptions } from "../../src/core/plan/options.ts"
import type { KamisamaOptions, Supervisor } from "../../src/index.ts"
import type { FakePlatform, FakePlatformOptions } from "../../src/fake.ts"

export interface Scenario {
  /** The promise that it shows; the file is named for it. */
  readonly promise: string
  /** Two workers whose `run` returns nothing, unless it says otherwise. */
  readonly options?: Partial<KamisamaOptions>
  readonly os?: FakePlatformOptions
  readonly play: (os: FakePlatform, pool: Supervisor) => Promise<void>
  /** Where it stops in the middle on purpose, or the primary is killed. */
  readonly isUnfinished?: boolean
  /** How late deadlines are reached in it, in ms. */
  readonly latenessMs?: number
}

/** What a history is: a promise, and what happens to a pool in the world of the search, each move in its words. */
export interface RecordedRun {
  readonly promise: string
  readonly options: PlanOptions
  readonly moves: readonly string[]
}

/** A worker that does what it is asked to. */
export const obedient = {}

export const seconds = 1_000
