/**
 * A container with a pool in it, as a test sees it: from outside, where each of its processes has a process id of this machine.
 */
import { readdirSync, readFileSync } from "node:fs"
import { get } from "node:http"
import { join } from "node:path"
import { inject, test as base, vi } from "vitest"
import { freePort } from "../real/harness/ports.ts"
import { type Engine, podman, type Ran } from "./engine.ts"
import { cli } from "./image.ts"

/** A test that may start containers, which are removed after it. It is skipped where there can be none. */
export const test = base
  .extend<{ readonly start: typeof start }>({
    start: async ({}, use) => {
      const started: Container[] = []
      await use(async (...given) => {
        const container = await start(...given)
        started.push(container)
        return container
      })
      await Promise.all(started.map((container) => container.remove()))
    },
  })
  .skipIf(inject("engine") === undefined)

/** @throws {Error} if there is none: then no test runs. */
export function theEngine(): Engine {
  const engine = inject("engine")
  if (engine === undefined) throw new Error("there is no engine")
  return engine
}

/** A process in a container. */
interface Inside {
  /** What this machine calls it. */
  readonly pid: number
  /** What the container calls it. */
  readonly inner: number
  readonly command: string
}

/** Where the log is of the container with this port. */
function logFile(port: number): string {
  return join(theEngine().folder, `${port}.log`)
}

/** An answer that has begun. */
interface Begun {
  /** All of it; with a word about it if the connection ends first. */
  readonly whole: Promise<string>
}

/** How long a fact may take to become true, on a busy machine. */
export const soon = { timeout: 60_000, interval: 50 }

export class Container {
  readonly id: string
  readonly port: number

  constructor(id: string, port: number) {
    this.id = id
    this.port = port
  }

  /** Runs podman with this container. */
  podman(verb: string, ...args: readonly string[]): Promise<Ran> {
    return podman(theEngine(), verb, ...args)
  }

  /** Sends a request, and waits until its answer begins. */
  begin(path: string): Promise<Begun> {
    return begun(this.port, path)
  }

  async ask(path = "/"): Promise<string> {
    return (await this.begin(path)).whole
  }

  /** Asks until so many workers have answered. @returns their process ids in the container. */
  async answeringPids(count: number): Promise<readonly number[]> {
    const pids = new Set<number>()
    await vi.waitFor(async () => {
      pids.add((JSON.parse(await this.ask()) as { pid: number }).pid)
      if (pids.size < count) throw new Error(`${pids.size} of ${count} workers have answered`)
    }, soon)
    return [...pids]
  }

  /** What its processes have written. Before each line, there are the time, the stream, and whether it is whole. */
  log(): string {
    const lines = readFileSync(logFile(this.port), "utf8")
    return lines.replaceAll(/^\S+ (?:stdout|stderr) [FP] /gm, "")
  }

  /** Waits until the log has a line like this one. */
  async logged(pattern: RegExp): Promise<string> {
    return vi.waitFor(() => {
      const log = this.log()
      if (!pattern.test(log)) throw new Error(`the log has no ${pattern}:\n${log}`)
      return log
    }, soon)
  }

  /** Runs the command in the container. */
  kamisama(...words: readonly string[]): Promise<Ran> {
    return this.podman("exec", this.id, "node", cli, ...words)
  }

  /** Stops it as an operator does. @returns its exit code. */
  async stop(): Promise<number> {
    await this.podman("stop", "--time=60", this.id)
    return this.exitCode()
  }

  /** Waits until it has ended. */
  async exitCode(): Promise<number> {
    return Number((await this.podman("wait", this.id)).out)
  }

  /** Its processes, without zombies. */
  processes(): readonly Inside[] {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? this.#inside(name) : []))
  }

  /** Its process with this process id in the container. @throws {Error} if there is none. */
  process(inner: number): Inside {
    const found = this.processes().find((one) => one.inner === inner)
    if (found === undefined) throw new Error(`the container has no process ${inner}`)
    return found
  }

  #inside(name: string): readonly Inside[] {
    try {
      const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, "utf8")
      if (!read("cgroup").includes(this.id)) return []
      const [, inner] = /^NSpid:.*\t(\d+)$/m.exec(read("status")) ?? []
      const command = read("cmdline").replaceAll("\0", " ").trim()
      // Podman's monitor is in the group, too, and a zombie has no command.
      if (command === "" || command.includes("conmon")) return []
      return [{ pid: Number(name), inner: Number(inner), command }]
    } catch {
      return []
    }
  }

  async remove(): Promise<void> {
    await this.podman("rm", "--force", "--time=0", this.id)
  }
}

/** Sends a request to a port of this machine. Rejects if the connection ends before the answer begins. */
function begun(port: number, path: string): Promise<Begun> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path, agent: false }, (response) => {
      let body = ""
      response.on("data", (part: Buffer) => (body += part.toString()))
      const whole = new Promise<string>((finish) => {
        response.on("end", () => finish(body))
        response.on("error", ({ message }) => finish(`${body}lost: ${message}`))
      })
      resolve({ whole })
    }).on("error", reject)
  })
}

/**
 * Starts a container, and waits until a worker answers.
 *
 * @param options those of `podman run`.
 * @param command what is run instead of that of the image.
 * @throws {Error} if podman refuses; its message says why.
 */
async function start(
  image: string,
  options: readonly string[] = [],
  command: readonly string[] = [],
): Promise<Container> {
  const port = await freePort()
  const log = ["--log-driver=k8s-file", `--log-opt=path=${logFile(port)}`]
  const given = [
    "--network=host",
    `--env=PORT=${port}`,
    "--env=WEB_CONCURRENCY=2",
    ...log,
    ...options,
  ]
  const { code, out } = await podman(theEngine(), "run", "--detach", ...given, image, ...command)
  if (code !== 0) throw new Error(out)
  const container = new Container(out.split("\n").at(0) ?? "", port)
  try {
    await vi.waitFor(() => container.ask(), soon)
  } catch (error) {
    const log = container.log()
    await container.remove()
    throw new Error(`no worker answers:\n${log}`, { cause: error })
  }
  return container
}

/** One that podman has made of a Pod. It has no port on this machine. */
export async function containerNamed(name: string): Promise<Container> {
  const { out } = await podman(theEngine(), "inspect", name, "--format={{.Id}}")
  return new Container(out, 0)
}
