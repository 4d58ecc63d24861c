/**
 * The options in use, for those who look from outside: what was given, and what follows where nothing was.
 */
import { optionTable } from "../core/plan/options.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { KamisamaOptions } from "../pool/options.ts"

/** Every option by name, as JSON has it: code is only named, and no value is Infinity. */
export function configOf(
  options: KamisamaOptions,
  { workers, respawnLimit, signals }: Plan,
): { readonly [option: string]: unknown } {
  const followed = { workers, respawnLimit, signals }
  const config: { [option: string]: unknown } = {}
  for (const [name, { default: value, otherwise }] of Object.entries(optionTable)) {
    if (name === "platform") continue
    const given = { ...options, ...followed }[name as keyof KamisamaOptions]
    config[name] = shown(given ?? (otherwise === undefined ? value : `(${otherwise})`))
  }
  return config
}

function shown(value: unknown): unknown {
  if (typeof value === "function") return "(a function)"
  return value === Infinity ? "Infinity" : value
}
