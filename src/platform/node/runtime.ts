/**
 * Which runtime this is, whether it can do what a pool needs, and all that has to be done differently on it.
 *
 * Everything else is the same code on Node, Deno and Bun, through their `node:` modules. What stands here was seen on the
 * versions that the tests run on, and each of it has a test that fails without it.
 */
import type { Scheduling } from "../platform.ts"

/** What differs between the runtimes. */
interface Runtime {
  readonly name: "Node" | "Deno" | "Bun"
  readonly version: string
  /** The first version that has what is used of it. */
  readonly oldest: string
  /**
   * The only one who can hand out connections; undefined where the user chooses. Under round robin Deno leaves requests of
   * workers that end without an answer, and on Bun it is always the kernel.
   */
  readonly onlyScheduling: Scheduling | undefined
  /** Whether the diagnostics channel `net.server.socket` tells of each connection; the servers' own event is enough else. */
  readonly tellsOfSockets: boolean
  /**
   * Whether a connection is ended after its next response, though that has said keep-alive, once its server says that it
   * does not listen.
   */
  readonly endsConnectionsUnlessListening: boolean
  /** How long the channel to the primary stays open after this process was told of its end, in ms. */
  readonly channelLingersMs: number
  /** Whether the channel loses a handle that arrives together with another message. */
  readonly losesHandles: boolean
  /** Whether it is never told that a channel is closed if there was something on it that nobody had read. */
  readonly missesClosedChannels: boolean
  /** Whether `process.argv` tells where a link to the script leads, and not the link. */
  readonly resolvesLinks: boolean
  /** Whether what is deleted from `process.env` is still handed on to processes that the runtime's own functions start. */
  readonly keepsEnvironment: boolean
}

/** Deno's permissions that the primary needs, for what. Its workers have all, as Deno itself starts them with `-A`. */
const permissions = {
  env: "workers get its environment",
  run: "it starts and signals workers",
  read: "it looks for the sh that is to outlive it",
  net: "it opens the ports that workers share",
  sys: "it asks whether it may run sh, and for the number of cores",
} as const

interface Deno {
  readonly permissions: {
    querySync(permission: { readonly name: string; readonly command?: string }): {
      readonly state: string
    }
  }
  dlopen(library: string, functions: Signatures): { readonly symbols: Library }
}

/** Functions in C, by their names. */
interface Signatures {
  readonly [name: string]: { readonly parameters: readonly string[]; readonly result: string }
}

/** The same, to be called. */
interface Library {
  readonly [name: string]: (...given: unknown[]) => unknown
}

const { Deno: deno } = globalThis as { readonly Deno?: Deno }
const { deno: denoVersion, bun: bunVersion, node: nodeVersion } = process.versions

export const runtime: Runtime = ownRuntime()

function ownRuntime(): Runtime {
  if (denoVersion !== undefined) {
    return {
      name: "Deno",
      version: denoVersion,
      oldest: "2.9.0",
      onlyScheduling: "os",
      tellsOfSockets: true,
      endsConnectionsUnlessListening: true,
      channelLingersMs: 20,
      losesHandles: true,
      missesClosedChannels: true,
      resolvesLinks: false,
      keepsEnvironment: false,
    }
  }
  if (bunVersion !== undefined) {
    return {
      name: "Bun",
      version: bunVersion,
      oldest: "1.4.0",
      onlyScheduling: "os",
      tellsOfSockets: false,
      endsConnectionsUnlessListening: false,
      channelLingersMs: 0,
      losesHandles: false,
      missesClosedChannels: false,
      resolvesLinks: true,
      keepsEnvironment: true,
    }
  }
  return {
    name: "Node",
    version: nodeVersion,
    // Both are the first of theirs that can require() modules.
    oldest: isOlder(nodeVersion, "21.0.0") ? "20.19.0" : "22.12.0",
    onlyScheduling: undefined,
    tellsOfSockets: true,
    endsConnectionsUnlessListening: false,
    channelLingersMs: 0,
    losesHandles: false,
    missesClosedChannels: false,
    resolvesLinks: false,
    keepsEnvironment: false,
  }
}

/** Why no pool can run here, in one line; undefined where one can. */
export function whyRuntimeUnsupported(): string | undefined {
  const { name, version, oldest } = runtime
  if (isOlder(version, oldest)) {
    return `Cannot supervise as ${name} must be ${oldest} or newer: current value is ${version}`
  }
  const missing = Object.entries(permissions).filter(([permission]) => !isAllowed(permission))
  if (missing.length === 0) return whyCommandUnsupported()
  const flags = missing.map(([permission]) => `--allow-${permission}`).join(" ")
  const reasons = missing.map(([, reason]) => reason).join(", ")
  return `Cannot supervise as Deno must be run with ${flags}: ${reasons}`
}

/** What is forbidden though `run` is allowed: it would fail again and again, without a word. */
function whyCommandUnsupported(): string | undefined {
  const denied = [process.execPath, "/bin/sh", "sh"].find((command) => !mayRun(command))
  const why = denied === process.execPath ? "workers are started" : "blocked workers are ended"
  return denied && `Cannot supervise as Deno must be run without --deny-run=${denied}: by it ${why}`
}

/** Whether this process may see its environment. */
export function mayReadEnvironment(): boolean {
  return isAllowed("env")
}

/**
 * The way to what only the C library can do, which throws where it is not there, or not allowed; undefined where the
 * runtime does it by itself.
 */
export function nativeCode(): ((functions: Signatures) => Library) | undefined {
  if (deno === undefined) return undefined
  if (!isAllowed("ffi")) return refuse
  return (functions) => deno.dlopen("libc.so.6", functions).symbols
}

function refuse(): never {
  throw new Error("Cannot call the C library as Deno was run without --allow-ffi")
}

/** Whether this process may run that program; one may be forbidden though others are not. */
function mayRun(command: string): boolean {
  return deno?.permissions.querySync({ name: "run", command }).state !== "denied"
}

/** Asks nobody: a prompt would wait for ever where nobody sits. */
function isAllowed(permission: string): boolean {
  return deno === undefined || deno.permissions.querySync({ name: permission }).state === "granted"
}

/** Whether a version comes before another one. Pre-releases count as their release. */
export function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((text) => text.split(/[.-]/).map(Number))
  for (const place of [0, 1, 2]) {
    const difference = (ours?.[place] ?? 0) - (theirs?.[place] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
