/**
 * What the command sets where the user sets nothing: somebody looks at a terminal, and a script that ends is no server.
 */

/** While files are watched, the next save may repair what does not start. */
export function defaultsFor(isWatching: boolean): { readonly [option: string]: unknown } {
  const always = { idle: "fail", control: true }
  if (isWatching) return { ...always, respawnLimit: Infinity, backoff: { min: 100, max: 2_000 } }
  return { ...always, ...(process.stdout.isTTY === true && { startFailure: "exit" }) }
}
