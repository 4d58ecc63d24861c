/**
 * The type of the configuration file of the command.
 */
import type { WorkerContext } from "../worker/program.ts"
import type { KamisamaOptions } from "./options.ts"

/** What `kamisama.config.js` may export: the options of `kamisama()` without `run`, and the script. */
export interface KamisamaConfig extends Omit<
  Partial<KamisamaOptions>,
  "run" | "platform" | "exit"
> {
  /** The script, relative to the file. The one on the command line comes first. */
  readonly script?: string | undefined
  /**
   * Called once in each worker before it loads the script, and awaited. It gets what the `run` of `kamisama()` gets, so that a script
   * that knows nothing of its pool can have metrics of its own, tell how healthy it is, or ask for a replacement. If it throws or
   * rejects, the worker exits with code 1.
   *
   * @example
   * ```ts
   * import { register } from "prom-client"
   * import { defineConfig } from "kamisama"
   *
   * export default defineConfig({
   *   script: "server.js",
   *   beforeRun: (id, context) => context.metrics(() => register.getMetricsAsJSON()),
   * })
   * ```
   */
  readonly beforeRun?: ((id: number, context: WorkerContext) => unknown) | undefined
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
