/**
 * The socket to which each process of the soaked pool connects. Commands reach a process through it, and its close shows
 * when the process ended, in the same event loop in which the clients see the results of their requests.
 */
import { createServer, type Server, type Socket } from "node:net"
import { createInterface } from "node:readline"

export interface ControlListener {
  /** The port has opened or closed: whether any worker serves that was not asked to stop. */
  onServing(isServing: boolean): void
  /** A worker was asked to stop. */
  onStopping(pid: number): void
  /** A worker has a connection on which something is begun: the client's port. */
  onBegun(pid: number, clientPort: number): void
  /** A worker has ended. */
  onWorkerEnded(pid: number): void
  /** A reload is over. */
  onReloadOver(): void
}

export class Control {
  readonly #server: Server
  readonly #workers = new Map<number, Socket>()
  readonly #serving = new Set<number>()
  #primary: Socket | undefined

  private constructor(listener: ControlListener) {
    this.#server = createServer((socket) => this.#greet(socket, listener))
  }

  /** Listens at the path. */
  static async at(path: string, listener: ControlListener): Promise<Control> {
    const control = new Control(listener)
    await new Promise<void>((resolve, reject) => {
      control.#server.once("error", reject)
      control.#server.listen(path, resolve)
    })
    return control
  }

  /** The workers that serve, or are about to. */
  get workers(): readonly number[] {
    return [...this.#workers.keys()]
  }

  /** Whether the primary is connected. */
  get hasPrimary(): boolean {
    return this.#primary !== undefined
  }

  commandWorker(pid: number, command: string): void {
    this.#workers.get(pid)?.write(`${command}\n`)
  }

  commandPrimary(command: string): void {
    this.#primary?.write(`${command}\n`)
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#workers.values()) socket.destroy()
    this.#primary?.destroy()
  }

  #greet(socket: Socket, listener: ControlListener): void {
    let pid = 0
    let role = ""
    socket.on("error", () => undefined)
    socket.on("close", () => {
      if (role === "worker") {
        this.#workers.delete(pid)
        this.#setServing(pid, false, listener)
        listener.onWorkerEnded(pid)
      } else if (this.#primary === socket) this.#primary = undefined
    })
    const lines = createInterface({ input: socket })
    lines.on("error", () => undefined)
    lines.on("line", (line) => {
      if (line === "reload over") listener.onReloadOver()
      else if (line === "serving") this.#setServing(pid, true, listener)
      else if (line === "stopping") {
        this.#setServing(pid, false, listener)
        listener.onStopping(pid)
      } else {
        const [given = "", number] = line.split(" ")
        if (given === "begun") return listener.onBegun(pid, Number(number))
        role = given
        pid = Number(number)
        if (role === "primary") this.#primary = socket
        else {
          this.#workers.set(pid, socket)
          socket.write("welcome\n")
        }
      }
    })
  }

  #setServing(pid: number, isServing: boolean, listener: ControlListener): void {
    const before = this.#serving.size
    if (isServing) this.#serving.add(pid)
    else this.#serving.delete(pid)
    const after = this.#serving.size
    if ((before === 0) !== (after === 0)) listener.onServing(after > 0)
  }
}
