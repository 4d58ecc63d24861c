/**
 * What a program says of itself with `context.healthy()` and `context.metrics()`, checked.
 */
import { check } from "../core/plan/checks.ts"
import { boolean, func } from "../core/plan/forms.ts"

/** @throws {TypeError} if it is neither true nor false. */
export function checkedHealth(isHealthy: boolean): boolean {
  check("context.healthy", "isHealthy", boolean, isHealthy)
  return isHealthy
}

/** @throws {TypeError} if it is no function. */
export function checkedMetrics(read: () => unknown): () => unknown {
  check("context.metrics", "read", func, read)
  return read
}
