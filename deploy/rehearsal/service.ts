/**
 * The Service in front of the pods: HAProxy, which is told by its admin socket what the endpoints are.
 *
 * It does what kube-proxy does, and no more. It passes connections on (`mode tcp`), so it never sends a request a second time. It tries
 * one endpoint at random, once: without `retries 0` it would try again, and hide that a pod has been gone for a while. It does not check
 * endpoints itself. One that is removed gets no new connections, and those that it has go on.
 *
 * There is one difference: HAProxy accepts a connection before the pod does. If the pod refuses it, the client sees it closed, not refused.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as later } from "node:timers/promises"
import { afterwards } from "./afterwards.ts"

const configuration = (port: number, socket: string): string => `global
  stats socket ${socket} mode 600 level admin
  nbthread 1
defaults
  mode tcp
  retries 0
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend clients
  bind 127.0.0.1:${port}
  default_backend pods
backend pods
  balance random(1)
`

/** How long HAProxy may take to start, and how often it is asked meanwhile. */
const longestStartMs = 20_000
const askEveryMs = 50

export class Service {
  readonly #socket: string
  readonly #child: ChildProcess
  readonly remove: () => void

  private constructor(port: number) {
    const folder = mkdtempSync(join(tmpdir(), "rehearsal-"))
    this.#socket = join(folder, "admin.sock")
    const file = join(folder, "haproxy.cfg")
    writeFileSync(file, configuration(port, this.#socket))
    // It gets no Ctrl-C of the terminal: the rehearsal ends it.
    this.#child = spawn("haproxy", ["-db", "-q", "-f", file], {
      stdio: ["ignore", "ignore", "inherit"],
      detached: true,
    })
    this.remove = afterwards(() => {
      this.#child.kill("SIGKILL")
      rmSync(folder, { recursive: true, force: true })
    })
  }

  static async start(port: number): Promise<Service> {
    const service = new Service(port)
    for (const until = performance.now() + longestStartMs; performance.now() < until;) {
      try {
        await service.#tell("show info")
        return service
      } catch {
        await later(askEveryMs)
      }
    }
    throw new Error(`rehearsal: HAProxy does not start within ${longestStartMs} ms: see above`)
  }

  /** From now on, the endpoint gets new connections. */
  async add(name: string, address: string, port: number): Promise<void> {
    await this.#expect(`add server pods/${name} ${address}:${port}`, /registered/)
    await this.restore(name)
  }

  /** From now on, it gets none. Those that it has go on. */
  async drop(name: string): Promise<void> {
    await this.#expect(`disable server pods/${name}`, /^\s*$/)
  }

  /** It gets new connections again. */
  async restore(name: string): Promise<void> {
    await this.#expect(`enable server pods/${name}`, /^\s*$/)
  }

  async #expect(command: string, answer: RegExp): Promise<void> {
    const given = await this.#tell(command)
    if (!answer.test(given)) {
      throw new Error(`rehearsal: HAProxy refuses "${command}": ${given.trim()}`)
    }
  }

  #tell(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = ""
      const socket = connect(this.#socket, () => socket.write(`${command}\n`))
      socket.on("data", (part: Buffer) => (answer += part.toString()))
      socket.on("error", reject)
      socket.on("close", () => resolve(answer))
    })
  }
}
