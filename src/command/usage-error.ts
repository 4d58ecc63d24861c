/**
 * An error in how the command was called, in its configuration or in its environment. It is printed as one line, and the
 * process exits with code 2.
 */
export class UsageError extends Error {}
