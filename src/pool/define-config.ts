/**
 * The type of the configuration file of the command.
 */
import type { KamisamaOptions } from "./options.ts"

/** What `kamisama.config.js` may export: the options of `kamisama()` without `run`, and the script. */
export interface KamisamaConfig extends Omit<
  Partial<KamisamaOptions>,
  "run" | "platform" | "exit"
> {
  /** The script, relative to the file. The one on the command line comes first. */
  readonly script?: string | undefined
}

/**
 * Gives the configuration of the command its type. It returns what it is given.
 *
 * @example
 * ```ts
 * // kamisama.config.ts
 * import { defineConfig } from "kamisama"
 *
 * export default defineConfig({ script: "server.js", workers: 4, signals: { SIGHUP: "reload" } })
 * ```
 */
export function defineConfig(config: KamisamaConfig): KamisamaConfig {
  return config
}
