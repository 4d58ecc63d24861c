/**
 * The options: the type and the doc comment of each one that supervision follows, and one table of all of them. The names,
 * the checks, the error texts, the defaults and the tables in docs/options.md follow from that table.
 */
import { checkOptions, type Field, type Fields, type Form } from "./checks.ts"
import {
  boolean,
  bytes,
  duration,
  durationFrom,
  either,
  func,
  integer,
  integerOrInfinity,
  number,
  oneOf,
  orFalse,
  positive,
  record,
  text,
} from "./forms.ts"
import { type SignalAction, signalMap } from "./signals.ts"
import type { Aliases } from "./suggestion.ts"

/** After which exits a worker is restarted: after all, after failures, after none. */
export type RespawnPolicy = "always" | "on-failure" | "never"

/** What follows if no worker can start: the usual restarts, or the end of the pool. */
export type StartFailurePolicy = "retry" | "exit"

/**
 * The options that supervision follows. Durations are whole numbers of milliseconds, from 1 to 2³¹ − 1. `undefined` means
 * the default.
 */
export interface PlanOptions {
  /**
   * The number of workers, 1 or more.
   *
   * @default the environment variable WEB_CONCURRENCY, otherwise the number of cores that the process may use, capped by
   *   the CPU quota of its cgroup.
   */
  readonly workers?: number | undefined

  /**
   * The grace period in ms: from the request to stop until a worker is killed.
   *
   * @default 10_000
   */
  readonly timeout?: number | undefined

  /**
   * How long the pool serves on after it was asked to stop, in ms, 0 or more: the time in which a load balancer notices that
   * `/readyz` answers 503. Then it stops, and `timeout` begins. Later signals change nothing.
   *
   * @default 0
   */
  readonly stopDelay?: number | undefined

  /**
   * Whether the primary waits for its workers when it stops. With `false` it asks them to stop and exits at once. Workers
   * that are still running after `timeout` are killed.
   *
   * @default true
   */
  readonly waitForWorkers?: boolean | undefined

  /**
   * Which exits lead to a restart. `"on-failure"` does not restart a worker after exit code 0, and `"never"` restarts
   * none. With these two, a worker exits when its event loop is empty, and the primary exits when every worker has.
   *
   * @default "always"
   */
  readonly respawn?: RespawnPolicy | undefined

  /**
   * How many restarts are allowed within any `respawnInterval`. If one more is due, the pool gives up: it stops and exits
   * with code 1. An integer, 0 or more, or `Infinity`.
   *
   * @default 8 × `workers`
   */
  readonly respawnLimit?: number | undefined

  /**
   * How long a restart counts toward `respawnLimit`, in ms.
   *
   * @default 60_000
   */
  readonly respawnInterval?: number | undefined

  /**
   * The delay between the restarts of one worker, in ms. The first restart comes at once, the second after `min`. Each
   * further delay doubles, up to `max`. The delays start over once the worker has been ready for 60 s. `false` restarts at
   * once every time.
   *
   * @default { min: 100, max: 30_000 }
   */
  readonly backoff?:
    false | { readonly min?: number | undefined; readonly max?: number | undefined } | undefined

  /**
   * How long a worker may take from its fork until it is ready, in ms. Then it is killed.
   *
   * @default false, no limit
   */
  readonly startTimeout?: number | false | undefined

  /**
   * What happens if the first worker of every slot fails before any worker was ever ready, for example because the port is
   * taken. `"retry"` restarts them as usual, up to `respawnLimit`. With `"exit"` the pool gives up at once, with code 1.
   *
   * @default "retry"
   */
  readonly startFailure?: StartFailurePolicy | undefined

  /**
   * How long the event loop of a ready worker may be blocked, in ms. Then the worker is killed and restarted, up to 1 s
   * late.
   *
   * @default false, no limit
   */
  readonly heartbeatTimeout?: number | false | undefined

  /**
   * How a reload replaces workers. A new worker must stay ready for `minReadyTime` ms, 0 or more, before the old one is
   * asked to stop. As many as `atOnce` are replaced side by side: a number, or `"all"`.
   *
   * @default { minReadyTime: 0, atOnce: 1 }
   */
  readonly reload?:
    | {
        readonly minReadyTime?: number | undefined
        readonly atOnce?: number | "all" | undefined
      }
    | undefined

  /**
   * How many processes wait beside the workers, with the program loaded as far as the call of `kamisama()`. A worker that
   * dies, is added or recycled is then one of them, and serves without the time of a start. An integer, 0 or more.
   *
   * @default 0
   */
  readonly spares?: number | undefined

  /**
   * When a worker is replaced preventively: new before old, one worker at a time. `maxAge` is in ms since the worker
   * became ready, minus up to 20 %, so that workers do not all restart together. `maxMemory` is in bytes of resident
   * memory, and counts 20 s after the worker became ready at the earliest. `maxRequests` is in requests to any HTTP server
   * of the worker, minus up to 20 %, and counts 5 s after the worker became ready at the earliest.
   *
   * @default false, never
   */
  readonly recycle?:
    | false
    | {
        readonly maxAge?: number | false | undefined
        readonly maxMemory?: number | false | undefined
        readonly maxRequests?: number | false | undefined
      }
    | undefined

  /**
   * What a signal to the primary does, merged over the default. `"reload"` replaces every worker, `"scale-up"` adds one,
   * and `"scale-down"` stops one. `"ignore"` swallows a signal. `false` does not handle it, neither in the primary nor in
   * the workers.
   *
   * @default "stop" for SIGINT, SIGTERM, SIGHUP, SIGBREAK and SIGUSR2, "scale-up" for SIGTTIN, "scale-down" for SIGTTOU
   */
  readonly signals?: { readonly [signal: string]: SignalAction | false | undefined } | undefined
}

/** What `run` must be. An app of Express is a function, too, but not one that can be called. */
const work: Form = {
  rule: "a function that does the work",
  hasType: (value) => typeof value === "function" && !isServer(value),
  fits: () => true,
  advise: (value) => (isServer(value) ? "Write run: () => createServer(…).listen(…)." : undefined),
}

export const defaultBackoff: { readonly min: number; readonly max: number } = {
  min: 100,
  max: 30_000,
}

/** What a list of processes can show. */
const titleText: Form = {
  rule: "a text in one line",
  hasType: (value) => typeof value === "string",
  fits: (value) => /^\P{Cc}+$/u.test(String(value)),
}

/** A path that cannot be a slip of "on" or "off". */
const pathText: Form = {
  rule: "a path with a slash",
  hasType: (value) => typeof value === "string",
  fits: (value) => /[/\\]/.test(String(value)),
}

/** How many, or as many as there are. */
const positiveOrAll: Form = {
  ...positive,
  ...either(`a positive integer or "all"`, positive, oneOf(["all"])),
}

/** How many of all, or which part of them. */
const numberOrShare: Form = either(
  'a positive integer, a share such as 0.5, or "all"',
  number(
    (value) => (Number.isSafeInteger(value) && value > 0) || (value > 0 && value < 1),
    "a positive integer or a share",
  ),
  oneOf(["all"]),
)

/** Where a server listens for others than clients. */
const address: Form = record(
  {
    port: { ...integer(0, 65_535, "a port"), isRequired: true },
    host: text("the name or address of this machine"),
  },
  "{ port: 9090 }",
)

const logLevel: Form = oneOf(["silent", "warn", "info"])

/** What people write to print everything. */
const mostDetailed: readonly unknown[] = ["debug", "verbose", "trace", "all", true]

/** What to do about a number of workers that others take for "as many as there are cores". */
export function adviceOnWorkers(value: unknown): string | undefined {
  const isAll = [0, "0", "auto", "max"].includes(value as string | number)
  return isAll ? "Leave it out for one per core." : undefined
}

/** Each option of `kamisama()`, whether supervision follows it or not. */
export const optionTable: {
  readonly [Name in keyof PlanOptions | "run" | "log" | "exit"]-?: Field
} & Fields = {
  run: { ...work, otherwise: "required" },
  shutdown: { ...func, otherwise: "closes what run returned" },
  workers: {
    ...positive,
    advise: (value) => adviceOnWorkers(value) ?? positive.advise?.(value),
    otherwise: "WEB_CONCURRENCY, else cores",
  },
  timeout: {
    ...duration,
    advise(value) {
      if (value === 0) return "Use 1 to kill at once."
      if (value === false || value === Infinity) return "A pool cannot wait forever."
      return duration.advise?.(value)
    },
    default: 10_000,
  },
  stopDelay: { ...durationFrom(0), default: 0 },
  closeTimeout: { ...duration, otherwise: "half of timeout" },
  waitForWorkers: { ...boolean, default: true },
  respawn: { ...oneOf(["always", "on-failure", "never"]), default: "always" },
  respawnLimit: { ...integerOrInfinity(0), otherwise: "8 × workers" },
  respawnInterval: { ...duration, default: 60_000 },
  backoff: {
    ...orFalse(record({ min: duration, max: duration }, "{ min: 100, max: 30_000 }")),
    default: defaultBackoff,
  },
  startTimeout: { ...orFalse(duration), default: false },
  startFailure: { ...oneOf(["retry", "exit"]), default: "retry" },
  heartbeatTimeout: { ...orFalse(duration), default: false },
  reload: {
    ...record({ minReadyTime: durationFrom(0), atOnce: positiveOrAll }, "{ minReadyTime: 2_000 }"),
    default: { minReadyTime: 0, atOnce: 1 },
  },
  spares: { ...integer(0, Infinity, "an integer, 0 or more"), default: 0 },
  recycle: {
    ...orFalse(
      record(
        { maxAge: orFalse(duration), maxMemory: orFalse(bytes), maxRequests: orFalse(positive) },
        "{ maxAge: 86_400_000, maxMemory: 2 ** 30 }",
      ),
    ),
    default: false,
  },
  signals: { ...signalMap, default: {}, otherwise: "see below" },
  scheduling: {
    ...oneOf(["round-robin", "os"], { os: ["kernel"] }),
    otherwise: `"round-robin"`,
  },
  killTree: { ...boolean, default: true },
  compileCache: {
    ...either("true, false or the path of a folder", boolean, text("a path")),
    default: true,
  },
  control: {
    ...either("true, false or the path of a socket, with a slash", boolean, pathText),
    default: false,
  },
  metrics: { ...orFalse(address), default: false },
  health: { ...orFalse(address), default: false },
  readyAt: { ...numberOrShare, default: 1 },
  notifyFd: { ...orFalse(integer(3, 1_023, "a descriptor, 3 or more")), default: false },
  title: { ...orFalse(titleText), otherwise: "the name of the script" },
  log: {
    ...either(`"silent", "warn", "info" or a function`, logLevel, func),
    advise: (value) =>
      mostDetailed.includes(value) ? `"info" prints everything.` : logLevel.advise?.(value),
    default: "warn",
  },
  logFormat: { ...oneOf(["plain", "text", "json", "logfmt"]), default: "plain" },
  prefix: { ...boolean, default: false },
  beforeFork: { ...func, otherwise: "none" },
  idle: { ...oneOf(["stay", "fail"]), default: "stay" },
  stdin: { ...boolean, default: false },
  exit: { ...boolean, default: true },
  platform: {
    rule: "a platform of kamisama/fake",
    hasType: (value) => typeof value === "object" && value !== null && "environment" in value,
    fits: () => true,
    otherwise: "this runtime",
  },
}

/** What others call the options: throng, pm2, gunicorn, puma, systemd, Kubernetes. @internal */
export const aliases: Aliases = {
  run: ["worker", "start", "script"],
  beforeFork: ["master"],
  workers: ["count", "instances", "concurrency"],
  timeout: [
    "grace",
    "graceperiod",
    "killtimeout",
    "gracefultimeout",
    "workershutdowntimeout",
    "shutdowntimeout",
  ].concat(["timeoutstopsec", "terminationgraceperiodseconds"]),
  stopDelay: ["shutdowndelay", "prestop", "prestopdelay", "drainwait"],
  startTimeout: ["listentimeout"],
  heartbeatTimeout: ["heartbeat"],
  respawn: ["autorestart", "restart"],
  respawnLimit: ["lifetime", "maxrestarts"],
  respawnInterval: ["minuptime"],
  backoff: ["delay", "restartdelay", "expbackoffrestartdelay"],
  killTree: ["treekill"],
  title: ["name", "processtitle"],
  "reload.minReadyTime": ["minreadyseconds", "minreadytime"],
  "reload.atOnce": ["maxsurge", "parallelism"],
  "recycle.maxAge": ["cronrestart", "maxage"],
  "recycle.maxMemory": ["maxmemoryrestart", "maxmemory"],
  "recycle.maxRequests": ["maxrequests", "limitmaxrequests", "maxconnectionsperchild"],
}

/** What others have an option for, and what to do here. @internal */
export const elsewhere = {
  port: "Listen in run.",
  host: "Listen in run.",
  apps: "That is a file of pm2: see docs/migrate/pm2.md.",
}

/**
 * Checks all options that are given.
 *
 * @throws {TypeError} if they are no object, or if one is unknown or has the wrong type.
 * @throws {RangeError} if one breaks its rule.
 */
export function checkKamisamaOptions(options: unknown): void {
  checkOptions("kamisama", options, optionTable, { aliases, elsewhere })
}

/** The options with every default filled in. */
export type Complete = {
  readonly [Name in keyof PlanOptions]-?: Exclude<PlanOptions[Name], undefined>
}

/** Every default that is one value. */
export const defaults: Omit<Complete, "workers" | "respawnLimit"> = Object.fromEntries(
  Object.entries(optionTable).map(([name, field]) => [name, field.default]),
) as Complete

/** Whether it is a server or an app: something that listens. */
export function isServer(value: unknown): boolean {
  const isOne = typeof value === "object" || typeof value === "function"
  return isOne && value !== null && "listen" in value && typeof value.listen === "function"
}
