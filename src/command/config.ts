/**
 * Finds and loads the configuration file: the nearest one at or above the working directory, or the one that --config names.
 */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { isRecord } from "../core/plan/checks.ts"
import { messageOf } from "../worker/error-text.ts"
import type { KamisamaConfig } from "../pool/define-config.ts"
import type { LoadedConfig } from "./settings.ts"
import { UsageError } from "./usage-error.ts"

const names = ["js", "mjs", "cjs", "ts", "mts", "json"].map((ending) => `kamisama.config.${ending}`)

/**
 * @param named the file that was named; undefined to look for one.
 * @throws {UsageError} if there is no such file, or if it cannot be loaded.
 */
export async function loadConfig(
  named: string | undefined,
  cwd: string,
): Promise<LoadedConfig | undefined> {
  if (named === undefined) return nearest(cwd)
  const path = resolve(cwd, named)
  if (!existsSync(path)) throw new UsageError(`--config: there is no file ${path}`)
  return load(path)
}

async function nearest(folder: string): Promise<LoadedConfig | undefined> {
  const found = names.map((name) => join(folder, name)).find((path) => existsSync(path))
  if (found !== undefined) return load(found)
  const manifest = join(folder, "package.json")
  if (existsSync(manifest)) {
    const { kamisama: config } = readJson(manifest) as { readonly kamisama?: KamisamaConfig }
    if (config !== undefined) return { path: manifest, config }
  }
  const above = dirname(folder)
  return above === folder ? undefined : nearest(above)
}

async function load(path: string): Promise<LoadedConfig> {
  const config = path.endsWith(".json") ? readJson(path) : await imported(path)
  if (isRecord(config)) return { path, config: config as KamisamaConfig }
  throw new UsageError(
    `${path} must export an object of options. Write export default { workers: 4 }.`,
  )
}

async function imported(path: string): Promise<unknown> {
  try {
    const { default: exported } = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return exported
  } catch (error) {
    throw new UsageError(`${path} cannot be loaded: ${messageOf(error)}`)
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`)
  }
}
