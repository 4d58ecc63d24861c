/**
 * What a container gets of this machine: the folder in which `init` is called, and nothing beside it.
 */
import { isAbsolute, relative } from "node:path"
import { UsageError } from "../usage-error.ts"

/**
 * A path as it is in the container.
 *
 * @param what is at the path, for the error.
 * @throws {UsageError} if it is not in the folder.
 */
export function pathInside(folder: string, path: string, what: string): string {
  const inside = relative(folder, path)
  if (!/^\.\.([\\/]|$)/.test(inside) && !isAbsolute(inside)) return inside
  throw new UsageError(
    `init: ${what} must be in the folder of the program, which is all that gets there, got ${path}. Call it in the folder that has both.`,
  )
}
