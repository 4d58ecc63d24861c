/** What is compared: the same server, supervised in three ways. */

export interface Variant {
  readonly name: string
  readonly title: string
  /** A program of ./programs, with what it is told. */
  readonly program: string
  readonly settings: { readonly [name: string]: unknown }
  /** Where the kubelet asks whether the pod is ready. */
  readonly readiness: { readonly port: number; readonly path: string }
  /** How long the kubelet waits from SIGTERM to SIGKILL. */
  readonly graceMs: number
  readonly mustLoseNothing: boolean
}

/** The port of each pod, and that of its probes. */
export const podPort = 3_000
const healthPort = 9_091

/** How long a worker may take to stop, and how much longer a kill by kamisama may take. */
const timeoutMs = 10_000
const killMs = 5_000

/** @param names those that are wanted; undefined for all. */
export function variantsOf(
  stopDelayMs: number,
  names: readonly string[] | undefined,
): readonly Variant[] {
  const all = [raw, pool("kamisama", 0), pool("stop-delay", stopDelayMs)]
  const unknown = names?.find((name) => !all.some((variant) => variant.name === name))
  if (unknown !== undefined) {
    const known = all.map(({ name }) => name).join(", ")
    throw new RangeError(`rehearsal: --variant must be one of ${known}, got ${unknown}`)
  }
  return all.filter(({ name }) => names === undefined || names.includes(name))
}

const raw: Variant = {
  name: "raw",
  title: "node:cluster",
  program: "raw.js",
  settings: { port: podPort, timeoutMs },
  readiness: { port: podPort, path: "/healthz" },
  graceMs: timeoutMs + killMs,
  mustLoseNothing: false,
}

function pool(name: string, stopDelayMs: number): Variant {
  const hasDelay = stopDelayMs > 0
  return {
    name,
    title: hasDelay
      ? `kamisama, \`stopDelay\` of ${stopDelayMs / 1_000} s`
      : "kamisama with the defaults",
    program: "pool.js",
    settings: { port: podPort, healthPort, timeout: timeoutMs, stopDelay: stopDelayMs },
    readiness: { port: healthPort, path: "/readyz" },
    graceMs: stopDelayMs + timeoutMs + killMs,
    mustLoseNothing: hasDelay,
  }
}
