/**
 * What somebody else's code has thrown, as text, whatever it is. Decides nothing.
 */

/** With its stack where it has one. Never throws itself. */
export function errorText(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? String(error)) : String(error)
  } catch {
    return "an error that cannot be shown"
  }
}
