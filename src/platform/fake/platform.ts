/**
 * The public way to a simulated operating system. Decides nothing.
 */
import { fakeSystem } from "./system.ts"
import type { FakePlatform, FakePlatformOptions } from "./handle.ts"

/**
 * Makes a simulated operating system. Each is good for one `kamisama()`.
 *
 * @throws {TypeError} where an option or a script has an unknown name or a wrong type.
 * @throws {RangeError} where a value of one cannot be meant. What a function says of a script is checked at the fork, so
 *   that the error comes out of `advance()`.
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
