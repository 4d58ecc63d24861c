/** The servers that some programs need, from Debian's packages, each with a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { freePort } from "../real/harness/ports.ts"

export interface Service {
  readonly port: number
  stop(): Promise<void>
}

const boundMs = 30_000

/** Where a program is; undefined if it is not installed. */
export function installed(name: string): string | undefined {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    ...globSync("/usr/lib/postgresql/*/bin"),
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Starts a redis-server that saves nothing. */
export async function startRedis(program: string): Promise<Service> {
  const port = await freePort()
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
  return started(spawn(program, args, { cwd: tmpdir(), stdio: "ignore" }), port)
}

/** Starts a PostgreSQL that trusts its user `postgres`. It refuses to run as root, so there it is started as the user `postgres`. */
export async function startPostgres(program: string): Promise<Service> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), "kamisama-postgres-"))
  const options = { cwd: folder, stdio: "ignore", ...(isRoot && postgresUser()) } as const
  if (isRoot) chownSync(folder, postgresUser().uid, postgresUser().gid)
  const data = join(folder, "data")
  const initial = ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]
  execFileSync(join(program, "..", "initdb"), initial, options)
  const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
  const args = ["-D", data, "-p", String(port), "-k", folder, ...settings]
  const service = await started(spawn(program, args, options), port, () => isServing(data))
  return {
    port,
    async stop() {
      await service.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Starts an HAProxy with a configuration that reads its ports from the environment. */
export function startHaproxy(
  program: string,
  config: string,
  ports: { readonly [name: string]: number },
): Promise<Service> {
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const child = spawn(program, ["-W", "-f", config], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  })
  return started(child, ports["PORT"] ?? 0)
}

const isRoot = process.getuid?.() === 0

function postgresUser(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number =>
    Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: id("-u"), gid: id("-g") }
}

async function started(
  child: ChildProcess,
  port: number,
  isUp: () => boolean | Promise<boolean> = () => answers(port),
): Promise<Service> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const deadline = performance.now() + boundMs
  while (!(await isUp())) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL")
      throw new Error(`${child.spawnfile} was not up on port ${port} in time`)
    }
    await sleep(20)
  }
  return {
    port,
    async stop() {
      // PostgreSQL takes it for "end all connections, then exit".
      child.kill("SIGINT")
      await ended
    },
  }
}

/** PostgreSQL listens before it serves. Until then it refuses its clients, and a program that does not expect that crashes. */
function isServing(data: string): boolean {
  const file = join(data, "postmaster.pid")
  return existsSync(file) && /^ready\s*$/m.test(readFileSync(file, "utf8"))
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}
