/**
 * An upgrade in place: this primary starts another one from what is on disk now, and passes it the sockets that are open here.
 *
 * The new one is started as this one was: by the same command, with the same variables, in the folder that the path of this one leads
 * to now. It says when its workers are ready. Once this one has closed what only one of them can have open, it lets the other take
 * over. If this one dies before, the other takes over, too. See docs/decisions/upgrade.md.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { firstLine } from "../../core/log-line.ts"
import { isRecord } from "../../core/plan/checks.ts"
import type { SuccessorFact, SuccessorProcess } from "../platform.ts"
import type { SocketAddress } from "../socket-address.ts"
import { mayReadEnvironment, runtime } from "./runtime.ts"

/** A socket that listens, and for whom: as a worker has asked for it. */
export interface OpenSocket {
  readonly fd: number
  readonly address: SocketAddress
  /** Whether it is one of UDP. */
  readonly isOfDatagrams: boolean
  /** Whether the pool has made its file, and removes it in the end. */
  readonly isOwn?: boolean
}

/** What the new primary is told. */
interface Inheritance {
  /** With the descriptors that they have there. */
  readonly sockets: readonly OpenSocket[]
  /** The descriptor that leads to a service manager; undefined if there is none. */
  readonly notifyFd?: number
}

/** What the new primary says: that its workers are ready, or why it ends instead. */
interface Word {
  readonly cmd: string
  readonly error?: string
}

const variable = "KAMISAMA_UPGRADE"
const command = "NODE_KAMISAMA_UPGRADE"
/** The first descriptor after the standard ones and the channel. */
const firstFd = 4
/** What is about the old primary alone. */
const ownVariables = [
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "WATCHDOG_PID",
  // Of whoever has forked it.
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
]

/** The inits of containers, as lists of processes have them. Each ends with the process that it has started. */
const inits = ["tini", "tini-static", "docker-init", "podman-init", "catatonit", "dumb-init"]

/** Why this process cannot be upgraded, in a few words. */
export function whyNoUpgrade(): string | undefined {
  if (process.platform === "win32") return "Windows passes no sockets on"
  if (runtime.name !== "Node") return `${runtime.name} passes no sockets on`
  return endsContainer(process, nameOfFirst)
    ? "the container ends with it: start a new one instead"
    : undefined
}

/**
 * Whether a container ends with that process: with its pid 1, with what an init has started there, and with a process whose
 * parent is outside, as in a Pod that shares its processes.
 *
 * @param first the name of pid 1.
 */
export function endsContainer(
  { pid, ppid }: { readonly pid: number; readonly ppid: number },
  first: () => string,
): boolean {
  return pid === 1 || ppid === 0 || (ppid === 1 && inits.includes(first()))
}

function nameOfFirst(): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync("/proc/1/comm", "utf8").trim()
  } catch {
    return ""
  }
}

/** The folder of this process as the path by which it was entered, which may lead elsewhere later. */
function ownFolder(): string {
  const { PWD: path } = mayReadEnvironment() ? process.env : {}
  try {
    const { realpathSync } = process.getBuiltinModule("node:fs")
    if (path !== undefined && realpathSync(path) === process.cwd()) return path
  } catch {
    // It is gone.
  }
  return process.cwd()
}

/** The variables with which this process was started: a file of variables may say otherwise by now. */
function firstVariables(): { readonly [name: string]: string | undefined } {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs")
    const lines = readFileSync("/proc/self/environ", "utf8").split("\0")
    return Object.fromEntries(
      lines.flatMap((line) => {
        const at = line.indexOf("=")
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
      }),
    )
  } catch {
    return process.env
  }
}

/** The command with which this process was started. */
function firstCommand(): readonly string[] {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs")
    const [program = "", ...args] = readFileSync("/proc/self/cmdline", "utf8")
      .split("\0")
      .slice(0, -1)
    // Otherwise it is looked up again: it may be another version by now.
    if (args.length > 0) return [program, ...args]
  } catch {
    // There is no /proc.
  }
  return [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
}

/** How this process was started. */
export interface OwnStart {
  readonly command: readonly string[]
  readonly variables: { readonly [name: string]: string | undefined }
  readonly folder: string
}

/** Called before this process has a title, which takes the place of its command. */
export function ownStart(): OwnStart {
  return { command: firstCommand(), variables: firstVariables(), folder: ownFolder() }
}

/** Starts the new primary. */
export function startSuccessor(
  { command: [program = process.execPath, ...args], variables, folder }: OwnStart,
  sockets: readonly OpenSocket[],
  notifyFd: number | undefined,
  report: (fact: SuccessorFact) => void,
): SuccessorProcess {
  const inheritance: Inheritance = {
    sockets: sockets.map((socket, index) => ({ ...socket, fd: firstFd + index })),
    ...(notifyFd !== undefined && { notifyFd: firstFd + sockets.length }),
  }
  const env: { [name: string]: string | undefined } = {
    ...variables,
    [variable]: JSON.stringify(inheritance),
  }
  for (const name of ownVariables) delete env[name]
  const fds = [...sockets.map(({ fd }) => fd), ...(notifyFd === undefined ? [] : [notifyFd])]
  // A group of its own: it outlives this one, and whatever this one was started by.
  let child: ChildProcess
  try {
    child = spawn(program, args, {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "ipc", ...fds],
    })
  } catch (thrown) {
    const { message } = thrown as Error
    setImmediate(() => report({ type: "successor-failed", error: message }))
    return { pid: undefined, stop: () => undefined, kill: () => undefined }
  }
  let isOver = false
  let error: string | undefined
  const end = (fact: SuccessorFact): void => {
    if (isOver) return
    isOver = true
    report(fact)
  }
  const hear = (message: unknown): void => {
    if (!isRecord(message) || message["cmd"] !== command || isOver || isStopping) return
    if (typeof message["error"] === "string") return void (error = firstLine(message["error"]))
    isOver = true
    report({ type: "successor-became-ready" })
    // What only one of them can have open is closed by now.
    setImmediate(() => {
      if (child.connected) child.send({ cmd: command }, () => child.disconnect())
    })
  }
  let isStopping = false
  child.on("internalMessage", hear)
  child.on("message", hear)
  child.on("error", ({ message }) => {
    if (child.pid === undefined) end({ type: "successor-failed", error: message })
  })
  child.on("exit", (code, signal) => end({ type: "successor-exited", code, signal }))
  const kill = (signal: NodeJS.Signals): void => {
    isStopping = true
    if (!isOver) child.kill(signal)
  }
  child.unref()
  return {
    pid: child.pid,
    get error() {
      return error
    },
    stop: () => kill("SIGTERM"),
    kill: () => kill("SIGKILL"),
  }
}

/** What this process is to take over from another primary; undefined if nothing. Read once. */
export interface Takeover extends Inheritance {
  /** The process id of the other one. */
  readonly from: number
  /** Tells the other one that the workers of this one are ready. */
  sayReady(): void
  /** Tells the other one why this one ends instead. */
  sayFailed(error: string): void
  /** Resolves once the other one has closed what only one of them can have open, or is gone. */
  readonly granted: Promise<void>
}

/** Whether this process is to take over from another primary. Known until `readTakeover()`. */
export function isTakingOver(): boolean {
  return mayReadEnvironment() && process.env[variable] !== undefined && process.connected
}

/** Where this process is to take over, the other one is told why it cannot. */
export function sayWhyNoTakeover(error: string): void {
  if (isSuccessor) say({ cmd: command, error })
}

function say(word: Word): void {
  if (process.connected) process.send?.(word, undefined, undefined, () => undefined)
}

const isSuccessor = isTakingOver()

if (isSuccessor) {
  // The runtime prints it, too.
  process.on("uncaughtExceptionMonitor", (error) => sayWhyNoTakeover(String(error)))
}

export function readTakeover(): Takeover | undefined {
  const text = mayReadEnvironment() ? process.env[variable] : undefined
  if (text === undefined || !process.connected) return undefined
  delete process.env[variable]
  const inheritance = JSON.parse(text) as Inheritance
  const granted = new Promise<void>((resolve) => {
    const hear = (message: unknown): void => {
      if (isRecord(message) && message["cmd"] === command) resolve()
    }
    process.on("internalMessage", hear)
    process.on("message", hear)
    process.once("disconnect", resolve)
  }).finally(() => {
    if (process.connected) process.disconnect()
  })
  // It keeps no process alive that has nothing else to do.
  process.channel?.unref()
  return {
    ...inheritance,
    from: process.ppid,
    sayReady: () => say({ cmd: command }),
    sayFailed: (error) => say({ cmd: command, error }),
    granted,
  }
}
