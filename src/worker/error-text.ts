/**
 * Turns whatever the user's code threw into text.
 */

/** What the error says, without its stack. Never throws. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : errorText(error)
}

/** The error with its stack, if it has one. Never throws. */
export function errorText(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? String(error)) : String(error)
  } catch {
    return "an error that cannot be shown"
  }
}
