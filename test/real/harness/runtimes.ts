/** The versions of Node that the tests run on, from test/runtimes. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** The program of a version. */
export function nodeOf(version: 20 | 22 | 24 | 26): string {
  const path = fileURLToPath(
    new URL(`../../runtimes/node_modules/node${version}/bin/node`, import.meta.url),
  )
  if (!existsSync(path))
    throw new Error(`Cannot find Node ${version} as "npm run runtimes" was not run`)
  return path
}
