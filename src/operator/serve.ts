/**
 * Lets people and programs observe and steer a pool from outside: the entry of this folder, loaded once a pool wants it.
 */
import { tmpdir } from "node:os"
import { basename } from "node:path"
import { logLine, oneLine } from "../core/log-line.ts"
import { messageOf } from "../worker/error-text.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { Host } from "../platform/platform.ts"
import type { Address, KamisamaOptions } from "../pool/options.ts"
import type { Supervisor } from "../pool/handle.ts"
import { version } from "../pool/version.ts"
import { backlogsOf } from "./backlog.ts"
import { configOf } from "./config.ts"
import { hasPipes, socketFolders, whyUnusable } from "./folder.ts"
import type { History } from "./history.ts"
import { type Answer, carryOut, type Operated } from "./operate.ts"
import type { Operation } from "./routes.ts"
import type { About } from "./status.ts"
import { tellByDescriptor, tellServiceManager } from "./notify-service.ts"
import { notifyVariables } from "./notify-socket.ts"
import { placeIn, socketName, type SocketPlace } from "./place.ts"
import { writePipeFile } from "./pipe-file.ts"
import { listenAt, openControl, type OpenServer } from "./server.ts"
import { usageOf } from "./usage.ts"
import { watchWorkers } from "./worker-metrics.ts"

/** How long a worker may take to say how busy it is, and to give its metrics. */
const answerMs = 300

/** What is served, and where. */
export interface ServeSettings {
  /** The process of the primary. */
  readonly host: Pick<
    Host,
    "environment" | "loads" | "watchMetrics" | "printError" | "process" | "takeover"
  >
  /** What has happened in the pool, from its beginning. */
  readonly history: History
  readonly followRecording: Operated["followRecording"]
  /** What the pool was called with. */
  readonly options: KamisamaOptions
  /** What follows from that. */
  readonly plan: Plan
}

/** What can be read at a port, where everybody may come. */
const readable: { readonly [option in "metrics" | "health"]: readonly Operation["type"][] } = {
  metrics: ["metrics"],
  health: ["live", "ready", "started"],
}

/**
 * Opens what the options ask for, until the pool is done. If nobody has chosen where the control socket is, the pool goes on without
 * one that cannot be opened.
 *
 * @throws {Error} if a path or a port that was given cannot be used; its message says why.
 */
export async function serve(pool: Supervisor, settings: ServeSettings): Promise<void> {
  const { host, history, followRecording, options, plan } = settings
  const name = options.title || basename(process.argv[1] ?? "").replace(/\.\w+$/, "")
  const startedAt = Math.round(Date.now() - 1_000 * process.uptime())
  const { pid, runtime } = host.process
  const warn = (text: string): void => {
    if (options.log !== "silent") host.printError(logLine("warn", text))
  }
  const about: About = { kamisama: version, api: 1, name, pid, runtime, startedAt }
  const operated: Operated = {
    pool,
    about,
    history,
    followRecording,
    config: configOf(options, plan),
    usageOf,
    backlogsOf,
    readyAt: options.readyAt ?? 1,
    loads: () => host.loads?.(answerMs) ?? Promise.resolve(new Map()),
    askWorkers: watchWorkers(
      host,
      pool,
      { withinMs: answerMs, isExpected: (options.metrics ?? false) !== false },
      warn,
    ),
    epochNow: Date.now,
  }
  const { notifyFd = false } = options
  // After an upgrade, whoever was to be told has been, and the descriptor leads elsewhere.
  const isFirst = host.takeover === undefined
  if (notifyFd !== false && isFirst) tellByDescriptor(pool, notifyFd, warn)
  const variables = notifyVariables(host.environment.service ?? {}, pid)
  if (variables !== undefined) tellServiceManager(pool, history, plan, variables, warn)
  const answer = (operation: Operation): Promise<Answer> => carryOut(operation, operated)
  const open: OpenServer[] = []
  const close = (): void => {
    for (const server of open.splice(0)) server.close()
  }
  void pool.done.then(close)
  // The new primary opens them again, at the same places.
  pool.on("upgrade", ({ phase }) => {
    if (phase === "finished") close()
  })
  for (const [address, operations] of portsOf(options)) {
    open.push(
      await opened("the port", listenAt(address, operations, answer), shownAddress(address)),
    )
  }
  const { control = false } = options
  if (typeof control === "string") {
    open.push(await opened("the control socket", openControl(control, answer), oneLine(control)))
  }
  if (control !== true) return
  try {
    const place = placeFor(name)
    const { path, file } = place
    open.push(await opened("the control socket", openControl(path, answer), oneLine(path)))
    if (file !== path) open.push(writePipeFile(place))
  } catch (error) {
    warn(messageOf(error))
  }
}

/** The ports that are to be open, and what can be read there. One port may serve both. */
function portsOf(options: KamisamaOptions): readonly (readonly [Address, Operation["type"][]])[] {
  const ports: (readonly [Address, Operation["type"][]])[] = []
  for (const name of ["metrics", "health"] as const) {
    const { [name]: given = false } = options
    if (given === false) continue
    const address = { host: "127.0.0.1", ...given }
    const same = ports.find(([{ port, host }]) => port === address.port && host === address.host)
    if (same !== undefined && address.port !== 0) same[1].push(...readable[name])
    else ports.push([address, [...readable[name]]])
  }
  return ports
}

function shownAddress({ host = "", port }: Address): string {
  return oneLine(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`)
}

async function opened(
  what: string,
  opening: Promise<OpenServer>,
  where: string,
): Promise<OpenServer> {
  try {
    return await opening
  } catch (error) {
    throw new Error(`${what} ${where} cannot be opened: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws {Error} if there is no folder for it. */
function placeFor(name: string): SocketPlace {
  const whys: string[] = []
  for (const folder of socketFolders()) {
    const why = whyUnusable(folder)
    if (why === undefined) return placeIn(folder.path, socketName(name, process.pid), hasPipes)
    whys.push(`${oneLine(folder.path)}: ${why}`)
  }
  throw new Error(
    `there is no control socket, so kamisama status and the other commands cannot find this pool: no folder can be used (${whys.join("; ")}). Mount a tmpfs at ${oneLine(tmpdir())}, or set control to a path, or to false`,
  )
}
