/**
 * What the primary of the command hands over to its workers: the options that are data, and the configuration file if it has
 * a function that workers need. It is in the environment, and a worker removes it before the script runs.
 */

export interface Handover {
  readonly options: { readonly [name: string]: unknown }
  /** The configuration file, if workers call a function of it. */
  readonly config: string | undefined
}

const variable = "KAMISAMA_COMMAND"

export function handOver(handover: Handover): void {
  process.env[variable] = JSON.stringify(handover, (_, value: unknown) =>
    value === Infinity ? "∞" : value,
  )
}

/** Undefined in a process that is no worker of the command, such as one that a worker has forked. */
export function takeOver(): Handover | undefined {
  const text = process.env[variable]
  if (text === undefined) return undefined
  delete process.env[variable]
  return JSON.parse(text, (_, value: unknown) => (value === "∞" ? Infinity : value)) as Handover
}
