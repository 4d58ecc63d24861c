/**
 * Gives the workers V8's compile cache: they run the same modules again and again, and compile them only once.
 *
 * Node takes the folder from an environment variable, so that the script and all its modules are cached. A worker removes the
 * variable, because what it starts is none of ours. It writes the cache once it is ready, because one that is killed never
 * would. Without a usable folder there is no cache, and nothing else changes.
 */
import type { PrimarySettings } from "../platform.ts"
import { mayReadEnvironment, runtime } from "./runtime.ts"

const variable = "NODE_COMPILE_CACHE"
/** Says that the other variable is of the pool. */
const markVariable = "KAMISAMA_COMPILE_CACHE"
/** With these, Node has a cache already, is to have none, or measures what a cache would blur. */
const users: readonly string[] = [variable, "NODE_DISABLE_COMPILE_CACHE", "NODE_V8_COVERAGE"]

/**
 * The environment variables that give a worker the cache; none where there can be no cache.
 *
 * @param warn is told why the folder that the user has chosen cannot be used.
 */
export function cacheVariables(
  wanted: PrimarySettings["compileCache"],
  warn: (text: string) => void,
): { readonly [variable: string]: string } {
  if (wanted === false || !runtime.hasCompileCache) return {}
  if (users.some((name) => process.env[name] !== undefined)) return {}
  const folder = wanted === true ? ownFolder() : givenFolder(wanted, warn)
  return folder === undefined ? {} : { [variable]: folder, [markVariable]: folder }
}

/** Writes the cache of this worker. Undefined if it has none of the pool. */
export const writeCache: (() => void) | undefined = takeCache()

function takeCache(): (() => void) | undefined {
  const folder = mayReadEnvironment() ? process.env[markVariable] : undefined
  if (folder === undefined) return undefined
  delete process.env[markVariable]
  if (process.env[variable] !== folder) return undefined
  delete process.env[variable]
  return () => process.getBuiltinModule("node:module").flushCompileCache()
}

function givenFolder(folder: string, warn: (text: string) => void): string | undefined {
  const { resolve } = process.getBuiltinModule("node:path")
  const { accessSync, constants, mkdirSync } = process.getBuiltinModule("node:fs")
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK)
    return resolve(folder)
  } catch (error) {
    warn(`there is no compile cache, because its folder cannot be used: ${String(error)}`)
    return undefined
  }
}

/** The folder of this user. In the temporary folder, others could have made it first: what is cached there is run. */
function ownFolder(): string | undefined {
  const { lstatSync } = process.getBuiltinModule("node:fs")
  const { join } = process.getBuiltinModule("node:path")
  const uid = process.getuid?.()
  try {
    const { tmpdir } = process.getBuiltinModule("node:os")
    const folder = join(tmpdir(), uid === undefined ? "kamisama-cache" : `kamisama-cache-${uid}`)
    makeFolder(folder)
    const found = lstatSync(folder)
    // On Windows, the temporary folder is the user's own.
    const isOwn = uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0)
    return found.isDirectory() && isOwn ? folder : undefined
  } catch {
    return undefined
  }
}

/** The folders above it are not made. */
function makeFolder(folder: string): void {
  try {
    process.getBuiltinModule("node:fs").mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  }
}
