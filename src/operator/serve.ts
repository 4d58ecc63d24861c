/**
 * Lets people and programs observe and steer a pool from outside: the entry of this folder, loaded once a pool wants it.
 */
import { tmpdir } from "node:os"
import { basename } from "node:path"
import { oneLine } from "../core/log-line.ts"
import { messageOf } from "../worker/error-text.ts"
import type { Plan } from "../core/plan/plan.ts"
import type { Host } from "../platform/platform.ts"
import type { KamisamaOptions } from "../pool/options.ts"
import type { Supervisor } from "../pool/handle.ts"
import { configOf } from "./config.ts"
import { whyUnusable } from "./folder.ts"
import type { History } from "./history.ts"
import { type About, carryOut } from "./operate.ts"
import { foldersIn, pipePrefix, socketName, socketPath } from "./place.ts"
import { type ControlSocket, openControl } from "./server.ts"
import { usageOf } from "./usage.ts"

/** How long a worker may take to say how busy it is. */
const loadMs = 300

/** What is served, and where. */
export interface ControlSettings {
  /** The path of the socket; undefined for one that follows from the name and the process id. */
  readonly path: string | undefined
  /** Asks the workers how busy they are. */
  readonly loads: Required<Host>["loads"]
  /** What has happened in the pool, from its beginning. */
  readonly history: History
  /** The version of the package. */
  readonly version: string
  /** The runtime and its version. */
  readonly runtime: string
  /** What the pool was called with. */
  readonly options: KamisamaOptions
  /** What follows from that. */
  readonly plan: Plan
}

/**
 * Opens the control socket of a pool, until the pool is done.
 *
 * @throws {Error} if that is not possible; its message says why.
 */
export async function serveControl(pool: Supervisor, settings: ControlSettings): Promise<void> {
  const { path: given, history, version, runtime, options, plan } = settings
  const name = options.title || basename(process.argv[1] ?? "").replace(/\.\w+$/, "")
  const startedAt = Math.round(Date.now() - 1_000 * process.uptime())
  const about: About = { kamisama: version, api: 1, name, pid: process.pid, runtime, startedAt }
  const operated = {
    pool,
    about,
    history,
    config: configOf(options, plan),
    usageOf,
    loads: () => settings.loads(loadMs),
    epochNow: Date.now,
  }
  const path = given ?? pathFor(name)
  const socket = await opened(path, (operation) => carryOut(operation, operated))
  void pool.done.then(() => socket.close())
}

async function opened(
  path: string,
  answer: Parameters<typeof openControl>[1],
): Promise<ControlSocket> {
  try {
    return await openControl(path, answer)
  } catch (error) {
    throw new Error(`the control socket ${oneLine(path)} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** @throws {Error} if there is no folder for it. */
function pathFor(name: string): string {
  const file = socketName(name, process.pid)
  if (process.platform === "win32") return pipePrefix + file
  const whys: string[] = []
  const surroundings = { environment: process.env, uid: process.getuid?.(), temporary: tmpdir() }
  for (const folder of foldersIn(surroundings)) {
    const why = whyUnusable(folder)
    if (why === undefined) return socketPath(folder.path, file)
    whys.push(`${oneLine(folder.path)}: ${why}`)
  }
  throw new Error(`there is no folder for the control socket (${whys.join("; ")})`)
}
