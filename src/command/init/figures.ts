/**
 * What the files of an installation depend on, from the options in use. Pure. Every figure that such a file has is derived here.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { isRecord } from "../../core/plan/checks.ts"

/** A pool that is to be installed. */
export interface Installation {
  /** A name that a unit, an image and a deployment may have. */
  readonly name: string
  /** What follows the command: its flags as they were given, the script, and what the script is given. */
  readonly words: readonly string[]
  /** How long whoever stops the pool must wait, in s: `stopDelay`, `timeout`, and what a kill may take. */
  readonly graceSeconds: number
  readonly stopDelayMs: number
  readonly timeoutMs: number
  /** How long a kill may take until the pool has ended: a core that is dumped, a disk that is slow. */
  readonly killMs: number
  /** Where probes are answered; undefined if at no port. */
  readonly healthPort: number | undefined
  /** Where metrics are; undefined if at no port. */
  readonly metricsPort: number | undefined
}

/** The command, where npm installs it. */
export const cli = "node_modules/kamisama/dist/cli.js"

/** What the grace period is made of. */
export function graceText({ stopDelayMs, timeoutMs, killMs }: Installation): string {
  return `stopDelay (${stopDelayMs} ms) + timeout (${timeoutMs} ms) + the ${killMs / 1_000} s that a kill may take.`
}

/** What the command is given. */
export interface Given {
  readonly flags: readonly string[]
  readonly script: string
  readonly args: readonly string[]
}

export function installationOf(
  {
    timeoutMs,
    stopDelayMs,
    killReportMs,
  }: Pick<Plan, "timeoutMs" | "stopDelayMs" | "killReportMs">,
  options: { readonly [name: string]: unknown },
  { flags, script, args }: Given,
): Installation {
  const { title } = options
  return {
    name: nameFrom(typeof title === "string" && title !== "" ? title : script),
    words: [...flags, script, ...args],
    graceSeconds: Math.ceil((stopDelayMs + timeoutMs + killReportMs) / 1_000),
    stopDelayMs,
    timeoutMs,
    killMs: killReportMs,
    healthPort: portOf(options["health"]),
    metricsPort: portOf(options["metrics"]),
  }
}

/** Small letters, digits and hyphens, as Kubernetes wants it: `src/My Server.mjs` is `my-server`. */
function nameFrom(text: string): string {
  const base = (text.split("/").at(-1) ?? "").replace(/\.[cm]?[jt]sx?$/, "")
  const name = base.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
  return name.replaceAll(/^-+|-+$/g, "").slice(0, 50) || "pool"
}

function portOf(address: unknown): number | undefined {
  const port = isRecord(address) ? address["port"] : undefined
  return typeof port === "number" ? port : undefined
}

/** The words of a command, for a file in which a space ends a word. */
export function quoted(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(" ")
}
