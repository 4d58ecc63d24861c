/**
 * What the files of an installation depend on, from the options in use. Pure. Every figure that such a file has is derived here.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { type Endpoint, endpointOf, healthWords } from "./endpoint.ts"
import { type Room, roomFor } from "./room.ts"

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
  /** How long the pool has to start before its probes count, in s. */
  readonly startSeconds: number
  /** How long a kill may take until the pool has ended: a core that is dumped, a disk that is slow. */
  readonly killMs: number
  /** Where probes are answered; undefined if at no port. */
  readonly health: Endpoint | undefined
  /** Where metrics are; undefined if at no port. */
  readonly metrics: Endpoint | undefined
  /** Whether there is a control socket, and where if the options say so. Undefined if they say nothing: the command has one then. */
  readonly control: boolean | string | undefined
  /** What the command is given to ask the pool how it is; undefined if it answers nowhere. */
  readonly healthWords: readonly string[] | undefined
  /** What a container of it gets. */
  readonly room: Room
}

/** The command, where npm installs it. */
export const cli = "node_modules/kamisama/dist/cli.js"

/** What the grace period is made of. */
export function graceText({ stopDelayMs, timeoutMs, killMs }: Installation): string {
  return `stopDelay (${stopDelayMs} ms) + timeout (${timeoutMs} ms) + the ${killMs / 1_000} s that a kill may take.`
}

/** How long a pool has to start whose options do not limit it. */
const usualStartSeconds = 60

/** Where clients reach the program. It is up to the program, and no option says it. */
export const clientPort: number = 3_000

/** What a reader is told of that port. */
export const portText: string = `${clientPort} is the port of your program: write its own here.`

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
    startTimeoutMs,
  }: Pick<Plan, "timeoutMs" | "stopDelayMs" | "killReportMs" | "startTimeoutMs">,
  options: { readonly [name: string]: unknown },
  { flags, script, args }: Given,
): Installation {
  const { title } = options
  const health = endpointOf(options["health"])
  const control = controlOf(options["control"])
  return {
    name: nameFrom(typeof title === "string" && title !== "" ? title : script),
    words: [...flags, script, ...args],
    graceSeconds: Math.ceil((stopDelayMs + timeoutMs + killReportMs) / 1_000),
    stopDelayMs,
    timeoutMs,
    startSeconds: Math.max(usualStartSeconds, Math.ceil(Number(startTimeoutMs) / 1_000)),
    killMs: killReportMs,
    health,
    metrics: endpointOf(options["metrics"]),
    control,
    healthWords: healthWords(health, control),
    room: roomFor(options["workers"]),
  }
}

function controlOf(given: unknown): boolean | string | undefined {
  return typeof given === "string" || typeof given === "boolean" ? given : undefined
}

/** What YAML takes for something else than text. Numbers do not begin with a letter. */
const yamlWords = /^(true|false|yes|no|on|off|y|n|null)$/

/**
 * Small letters, digits and hyphens, and a letter first, as Kubernetes wants it: `src/My Server.mjs` is `my-server`, and `404.js` is
 * `pool-404`.
 */
function nameFrom(text: string): string {
  const base = (text.split("/").at(-1) ?? "").replace(/\.[cm]?[jt]sx?$/, "")
  const words = base.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")
  const name = words.replace(/^-+/, "").slice(0, 50).replace(/-+$/, "")
  if (name === "") return "pool"
  return /^\d/.test(name) || yamlWords.test(name) ? `pool-${name}` : name
}

/** The folders that have to be writable where nothing else is: for the control socket, and for what workers keep compiled. */
export function writableFolders({ control }: Installation): readonly string[] {
  const [, folder = "/tmp"] = (typeof control === "string" && /^(\/.+)\//.exec(control)) || []
  return /^\/tmp(\/|$)/.test(folder) ? ["/tmp"] : ["/tmp", folder]
}

/** What those folders are for. */
export const writableText =
  "For the control socket, and what workers keep of their compiled code. Nothing else is writable."

/** What the variable of the grace period is for. */
export const graceVariableText =
  "The grace period, for the pool: it warns if stopDelay and timeout take as long."
