/**
 * The public entry to a simulated operating system.
 */
import { onBehalfOf } from "../../core/plan/checks.ts"
import { fakeSystem } from "./system.ts"
import type { FakePlatform, FakePlatformOptions } from "./handle.ts"

/**
 * Creates a simulated operating system. Each one supervises a single `kamisama()`.
 *
 * @throws {TypeError} if an option or a field of a script is unknown or has the wrong type.
 * @throws {RangeError} if one breaks its rule. The script that a function returns is checked at the fork, so its error comes
 *   out of `advance()`.
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
  return onBehalfOf(fakePlatform, () => fakeSystem(options, {}).os)
}
