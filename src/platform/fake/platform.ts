/**
 * The public entry to a simulated operating system.
 */
import { fakeSystem } from "./system.ts"
import type { FakePlatform, FakePlatformOptions } from "./handle.ts"

/**
 * Creates a simulated operating system. Each one supervises a single `kamisama()`.
 *
 * @throws {TypeError} if an option or a script has an unknown name or a wrong type.
 * @throws {RangeError} if a value is out of range. A script that a function returns is checked at the fork, so that its
 *   error comes out of `advance()`.
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { fakePlatform } from "kamisama/fake"
 *
 * const os = fakePlatform({ workers: { dies: { after: 2_000 } } })
 * kamisama({ run: () => undefined, platform: os, backoff: false })
 * await os.advance(600_000)
 * console.log(os.exitCode) // 1: it gave up
 * ```
 */
export function fakePlatform(options: FakePlatformOptions = {}): FakePlatform {
  return fakeSystem(options, {}).os
}
