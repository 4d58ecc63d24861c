/**
 * Identifies the runtime, checks that it can run a pool, and names every difference between runtimes.
 *
 * Everything else is the same code on Node, Deno and Bun, through their `node:` modules. Each difference was observed on the
 * versions that the tests run on, and has a test that fails without it.
 */
import type { Scheduling } from "../platform.ts"
import { runtimeFlag } from "./flags.ts"

/** What differs between the runtimes. */
export interface Runtime {
  readonly name: "Node" | "Deno" | "Bun"
  readonly version: string
  /** The first version with everything that is used. */
  readonly oldest: string
  /**
   * The only possible scheduling; undefined if the user chooses. With round robin, Deno leaves requests unanswered when a
   * worker ends. On Bun, the kernel always distributes connections.
   */
  readonly onlyScheduling: Scheduling | undefined
  /** Whether the servers of node:http are not servers of node:net. */
  readonly hasOtherHttpServers: boolean
  /** The flag for a module that is loaded before the script; undefined if a forked process cannot get it. */
  readonly preloadFlag: "--import" | "--preload" | undefined
  /** Whether the decrypted socket of a TLS connection has the other one as its `_parent`. */
  readonly linksTlsSockets: boolean
  /**
   * Whether a connection ends after its next response, even if that says keep-alive, once `listening` of its server is
   * false.
   */
  readonly endsConnectionsUnlessListening: boolean
  /** How long the channel to the primary stays open after its end was reported to this process, in ms. */
  readonly channelLingersMs: number
  /** Whether the channel loses a handle that arrives together with another message. */
  readonly losesHandles: boolean
  /** Whether the end of a channel goes unnoticed if it still held unread messages. */
  readonly missesClosedChannels: boolean
  /** Whether `reusePort` of `node:net` opens a port in the worker. Node 20 ignores it, and every port of Bun is like that. */
  readonly takesReusePort: boolean
  /** Whether `process.argv` has the target of a link to the script instead of the link. */
  readonly resolvesLinks: boolean
  /** Whether the runtime's own functions pass on variables that were deleted from `process.env`. */
  readonly keepsEnvironment: boolean
  /** Whether `process.title` changes what lists of processes show. */
  readonly setsTitle: boolean
  /** Whether a write to stdout or stderr is reported as done before it is. The end of a stream is not. */
  readonly reportsWritesEarly: boolean
  /** Whether async hooks report everything that code starts. Those of Deno leave out promises, those of Bun report nothing. */
  readonly reportsAsyncWork: boolean
  /** Whether it measures the use of its event loop. Deno and Bun always say 0. */
  readonly measuresLoop: boolean
  /** Whether what it has compiled can be kept in a folder, and written there at any time. */
  readonly hasCompileCache: boolean
  /** Whether a worker inherits a file beside its channel. */
  readonly inheritsFiles: boolean
  /** Whether servers can use a socket that was passed to the primary. node:http of Bun opens another one, and says nothing. */
  readonly takesPassedSockets: boolean
  /** Whether the heap has a limit. That of Bun grows as long as there is memory. */
  readonly limitsHeap: boolean
}

/** The Deno permissions that the primary needs, with the reason. Deno starts the workers with `-A`, so they have all. */
const denoPermissions = {
  env: "workers inherit the environment",
  run: "the primary starts and signals workers",
  read: "it looks for the sh of its reaper",
  net: "it opens the ports that workers share",
  sys: "it checks whether it may run sh, and counts the cores",
} as const

/** The same for the permission model of Node, which workers inherit. The names are those of its flags. */
const nodePermissions = {
  "child-process": "the primary starts workers",
  net: "it opens the ports that workers share",
} as const

/** What `process.permission` calls the permissions of these flags. */
const nodeScopes: { readonly [permission: string]: string } = { "child-process": "child" }

interface Deno {
  readonly permissions: {
    querySync(permission: { readonly name: string; readonly command?: string }): {
      readonly state: string
    }
  }
  dlopen(library: string, functions: Signatures): { readonly symbols: Library }
  readonly stdout: { write(bytes: Uint8Array): Promise<number> }
  readonly stderr: { write(bytes: Uint8Array): Promise<number> }
}

interface NodePermission {
  has(scope: string, reference?: string): boolean
}

/** The signatures of C functions, by name. */
interface Signatures {
  readonly [name: string]: { readonly parameters: readonly string[]; readonly result: string }
}

/** C functions, by name. */
interface Library {
  readonly [name: string]: (...given: unknown[]) => unknown
}

const { Deno: deno } = globalThis as { readonly Deno?: Deno }
/** The permission model of Node; undefined if it is off. */
const { permission: nodePermission } = process as { readonly permission?: NodePermission }
const { deno: denoVersion, bun: bunVersion, node: nodeVersion } = process.versions

export const runtime: Runtime = ownRuntime()

function ownRuntime(): Runtime {
  if (denoVersion !== undefined) {
    return {
      name: "Deno",
      version: denoVersion,
      oldest: "2.9.0",
      onlyScheduling: "os",
      hasOtherHttpServers: false,
      preloadFlag: undefined,
      linksTlsSockets: true,
      endsConnectionsUnlessListening: true,
      channelLingersMs: 20,
      losesHandles: true,
      missesClosedChannels: true,
      takesReusePort: true,
      resolvesLinks: false,
      keepsEnvironment: false,
      setsTitle: true,
      reportsWritesEarly: false,
      reportsAsyncWork: false,
      measuresLoop: false,
      hasCompileCache: false,
      inheritsFiles: false,
      takesPassedSockets: true,
      limitsHeap: true,
    }
  }
  if (bunVersion !== undefined) {
    return {
      name: "Bun",
      version: bunVersion,
      oldest: "1.4.0",
      onlyScheduling: "os",
      hasOtherHttpServers: true,
      preloadFlag: "--preload",
      linksTlsSockets: false,
      endsConnectionsUnlessListening: false,
      channelLingersMs: 0,
      losesHandles: false,
      missesClosedChannels: false,
      takesReusePort: false,
      resolvesLinks: true,
      keepsEnvironment: true,
      setsTitle: false,
      reportsWritesEarly: true,
      reportsAsyncWork: false,
      measuresLoop: false,
      hasCompileCache: false,
      inheritsFiles: false,
      takesPassedSockets: false,
      limitsHeap: false,
    }
  }
  return {
    name: "Node",
    version: nodeVersion,
    // The first versions of their lines with require() of ES modules.
    oldest: isOlder(nodeVersion, "21.0.0") ? "20.19.0" : "22.12.0",
    onlyScheduling: undefined,
    hasOtherHttpServers: false,
    preloadFlag: "--import",
    linksTlsSockets: true,
    endsConnectionsUnlessListening: false,
    channelLingersMs: 0,
    losesHandles: false,
    missesClosedChannels: false,
    takesReusePort: !isOlder(nodeVersion, "22.12.0"),
    resolvesLinks: false,
    keepsEnvironment: false,
    setsTitle: true,
    reportsWritesEarly: false,
    reportsAsyncWork: true,
    measuresLoop: true,
    hasCompileCache: !isOlder(nodeVersion, "22.12.0"),
    inheritsFiles: true,
    takesPassedSockets: true,
    limitsHeap: true,
  }
}

/** Why this package cannot run here, in one line; undefined if it can. */
export function whyRuntimeUnsupported(): string | undefined {
  const { name, version, oldest } = runtime
  if (isOlder(version, oldest)) return `${name} must be ${oldest} or newer, got ${version}`
  // Each saved file would call kamisama() again in the same process, which is an error, and would replace nothing.
  return bunVersion !== undefined && runtimeFlag("--hot") !== undefined
    ? `bun --hot cannot run a pool, because it runs the script again in the same process. Use bun --watch, or a reload by the pool: signals: { SIGHUP: "reload" }`
    : undefined
}

/** Why this process may not be a primary, in one line; undefined if it may. */
export function whyPrimaryForbidden(): string | undefined {
  const permissions = deno === undefined ? nodePermissions : denoPermissions
  const missing = Object.entries(permissions).filter(([permission]) => !isAllowed(permission))
  if (missing.length === 0) return whyCommandUnsupported()
  const flags = missing.map(([permission]) => `--allow-${permission}`).join(" ")
  const reasons = missing.map(([, reason]) => reason).join(", ")
  return `${runtime.name} must be run with ${flags}: ${reasons}`
}

/** Why a command is denied although `run` is allowed. Each fork would otherwise fail without a message. */
function whyCommandUnsupported(): string | undefined {
  const denied = [process.execPath, "/bin/sh", "sh"].find((command) => !mayRun(command))
  const why = denied === process.execPath ? "start workers" : "kill blocked workers"
  return denied && `Deno must be run without --deny-run=${denied}: the primary needs it to ${why}`
}

/** Whether this process may read its environment. */
export function mayReadEnvironment(): boolean {
  return isAllowed("env")
}

/**
 * Opens the C library, for what the runtime cannot do. It throws if the library is missing or not allowed. Undefined if the
 * runtime needs no such help.
 */
export function nativeCode(): ((functions: Signatures) => Library) | undefined {
  if (deno === undefined) return undefined
  if (!isAllowed("ffi")) return refuse
  return (functions) => deno.dlopen("libc.so.6", functions).symbols
}

/**
 * Writes to stdout or stderr in a thread, where a write to a full pipe always blocks the thread that makes it. Undefined if it need not.
 *
 * @returns how many bytes were written.
 */
export const writeAside:
  ((name: "stdout" | "stderr", bytes: Uint8Array) => Promise<number>) | undefined =
  deno && ((name, bytes) => deno[name].write(bytes))

function refuse(): never {
  throw new Error(
    "kamisama: the C library cannot be called, because Deno was run without --allow-ffi",
  )
}

/** Whether this process may run a command. One can be denied although others are allowed. */
function mayRun(command: string): boolean {
  return deno?.permissions.querySync({ name: "run", command }).state !== "denied"
}

/** Whether this process may read a file, as far as the permission model of Node says. */
export function mayRead(path: string): boolean {
  return nodePermission?.has("fs.read", path) !== false || isAudited()
}

/** Whether a permission is granted. Never prompts, because an unattended prompt would wait forever. */
function isAllowed(permission: string): boolean {
  if (deno !== undefined)
    return deno.permissions.querySync({ name: permission }).state === "granted"
  if (nodePermission?.has(nodeScopes[permission] ?? permission) !== false) return true
  // A Node that does not know the flag does not restrict what it allows.
  return !process.allowedNodeEnvironmentFlags.has(`--allow-${permission}`) || isAudited()
}

/** Whether the permission model only reports what it would deny. */
function isAudited(): boolean {
  return runtimeFlag("--permission-audit") !== undefined
}

/** Whether a version is older than another. A pre-release counts as its release. */
export function isOlder(version: string, than: string): boolean {
  const [ours, theirs] = [version, than].map((text) => text.split(/[.-]/).map(Number))
  for (const place of [0, 1, 2]) {
    const difference = (ours?.[place] ?? 0) - (theirs?.[place] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
