/**
 * Turns whatever the user's code threw into text.
 */

/** The error with its stack, if it has one. Never throws. */
export function errorText(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? String(error)) : String(error)
  } catch {
    return "an error that cannot be shown"
  }
}
