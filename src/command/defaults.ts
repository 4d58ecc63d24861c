/**
 * What the command sets where the user sets nothing: somebody looks at a terminal, and a script that ends is no server.
 */

/** While files are watched, the next save may repair what does not start. */
export function defaultsFor(isWatching: boolean): { readonly [option: string]: unknown } {
  const idle = "fail"
  if (isWatching) return { idle, respawnLimit: Infinity, backoff: { min: 100, max: 2_000 } }
  return { idle, ...(process.stdout.isTTY === true && { startFailure: "exit" }) }
}
