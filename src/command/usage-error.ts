/**
 * What ends the command with one line instead of a stack.
 */

/** An error in how the command was called, in its configuration or in its environment. The process exits with code 2. */
export class UsageError extends Error {}

/** What was asked for is right, and could not be done. The process exits with code 1. */
export class Failure extends Error {}
