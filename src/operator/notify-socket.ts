/**
 * Sends messages to a service manager: by a descriptor that it has passed, by the C library, or by `systemd-notify`. No runtime can
 * send datagrams to a unix socket by itself.
 *
 * A descriptor named `notify` is there with `OpenFile=/run/systemd/notify:notify` in the unit. The C library can be called on Bun, on
 * Deno with the permission, and on Node from 26 on. systemd hears `systemd-notify` only with `NotifyAccess=all`, because it is another
 * process.
 */
import { spawn } from "node:child_process"
import { writeSync } from "node:fs"
import { createRequire } from "node:module"
import { notifyDescriptor } from "../platform/passed-descriptors.ts"

/** Sends one message: assignments such as "READY=1". Never throws. */
type SendNotice = (assignments: readonly string[]) => void

/** How messages are sent. */
export interface NotifySocket {
  readonly send: SendNotice
  /** In µs; undefined if it cannot be read. */
  readonly monotonicUs: () => number | undefined
  /** What a person should know; undefined if all is well. */
  readonly advice: string | undefined
}

/** What the variables of the service manager say. */
export interface NotifyVariables {
  /** A descriptor that leads to the socket; undefined if none was passed. */
  readonly descriptor: number | undefined
  /** The path of the socket; undefined if there is none. */
  readonly path: string | undefined
  /** Within which time it wants to hear that this process lives, in ms; undefined if it does not. */
  readonly watchdogMs: number | undefined
}

type Variables = { readonly [name: string]: string | undefined }

/** Reads the variables. Undefined if nobody wants to be told anything. */
export function notifyVariables(variables: Variables, pid: number): NotifyVariables | undefined {
  const { NOTIFY_SOCKET: path } = variables
  const { WATCHDOG_USEC, WATCHDOG_PID = String(pid) } = variables
  const descriptor = notifyDescriptor(variables, pid)
  if (path === undefined && descriptor === undefined) return undefined
  const watchdogMs = WATCHDOG_PID === String(pid) ? Number(WATCHDOG_USEC) / 1_000 : Number.NaN
  return {
    descriptor,
    path,
    watchdogMs: watchdogMs > 0 ? watchdogMs : undefined,
  }
}

/** @param warn gets the first failure. */
export function openNotifySocket(
  { descriptor, path }: NotifyVariables,
  warn: (text: string) => void,
): NotifySocket {
  let hasFailed = false
  const fail = (why: unknown): void => {
    if (!hasFailed) warn(`the service manager cannot be told anything: ${String(why)}`)
    hasFailed = true
  }
  const library = openLibrary()
  const monotonicUs = (): number | undefined => library?.monotonicUs() ?? hrtimeUs()
  const isDeno = "Deno" in globalThis
  // Deno has a table of descriptors of its own.
  if (descriptor !== undefined && !isDeno) {
    const send: SendNotice = (assignments) => {
      try {
        writeSync(descriptor, assignments.join("\n"))
      } catch (error) {
        fail(error)
      }
    }
    return { send, monotonicUs, advice: undefined }
  }
  if (path !== undefined && library !== undefined) {
    const send: SendNotice = (assignments) => {
      if (!library.send(path, assignments.join("\n"))) fail(`${path} does not take messages`)
    }
    return { send, monotonicUs, advice: undefined }
  }
  const send: SendNotice = (assignments) => {
    const args = [`--pid=${process.pid}`, ...assignments]
    const env = { ...process.env, NOTIFY_SOCKET: path ?? "" }
    const child = spawn("systemd-notify", args, { env, stdio: ["ignore", "ignore", "ignore"] })
    child.on("error", fail)
    child.on("exit", (code) => {
      if (code !== 0) fail(`systemd-notify has exited with code ${code}`)
    })
    child.unref()
  }
  return {
    send,
    monotonicUs,
    advice:
      "systemd is told what happens by systemd-notify, and ignores it without NotifyAccess=all. Better, add OpenFile=/run/systemd/notify:notify to the unit (systemd 253 or newer)",
  }
}

/** On Node and Deno it is CLOCK_MONOTONIC. */
function hrtimeUs(): number | undefined {
  return "Bun" in globalThis ? undefined : Math.floor(Number(process.hrtime.bigint()) / 1_000)
}

/** What is needed of the C library. */
interface CLibrary {
  /** @returns whether the message was taken. */
  send(path: string, message: string): boolean
  monotonicUs(): number | undefined
}

/** Functions of the C library, however the runtime calls them. */
interface CFunctions {
  socket(domain: number, type: number, protocol: number): number
  sendto(
    fd: number,
    message: Uint8Array,
    length: bigint,
    flags: number,
    address: Uint8Array,
    addressLength: number,
  ): bigint | number
  close(fd: number): number
  clock_gettime(clock: number, time: BigInt64Array): number
}

/** The types of their parameters and of what they return. */
const signatures: { readonly [Name in keyof CFunctions]: readonly [string[], string] } = {
  socket: [["i32", "i32", "i32"], "i32"],
  sendto: [["i32", "buffer", "u64", "i32", "buffer", "u32"], "i64"],
  close: [["i32"], "i32"],
  clock_gettime: [["i32", "buffer"], "i32"],
}

const cLibrary = "libc.so.6"
const unixDomain = 1
const datagram = 2
/** A socket that is gone raises no SIGPIPE. */
const noSignal = 0x4000
const clockMonotonic = 1

/** Undefined where it cannot be called. */
function openLibrary(): CLibrary | undefined {
  if (process.platform !== "linux") return undefined
  try {
    const functions = functionsOfLibrary()
    return functions && libraryOf(functions)
  } catch {
    // It is missing, or this process has no permission to call it.
    return undefined
  }
}

interface DenoFfi {
  readonly permissions: { querySync(permission: { name: string }): { readonly state: string } }
  dlopen(library: string, functions: object): { readonly symbols: CFunctions }
}

interface BunFfi {
  dlopen(library: string, functions: object): { readonly symbols: CFunctions }
}

interface NodeFfi {
  dlopen(library: string, functions: object): { readonly functions: CFunctions }
}

function functionsOfLibrary(): CFunctions | undefined {
  const { Deno: deno } = globalThis as unknown as { readonly Deno?: DenoFfi }
  if (deno !== undefined) {
    if (deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined
    return deno.dlopen(cLibrary, signed("parameters", "result")).symbols
  }
  if ("Bun" in globalThis) {
    // No other runtime could resolve an import of it.
    const require = createRequire(import.meta.url)
    const { dlopen } = require("bun:ffi") as BunFfi
    return dlopen(cLibrary, signed("args", "returns")).symbols
  }
  return quietly(() => {
    const node = process.getBuiltinModule("node:ffi" as "node:fs") as unknown as NodeFfi | undefined
    return node?.dlopen(cLibrary, signed("arguments", "return")).functions
  })
}

function signed(parameters: string, result: string): object {
  return Object.fromEntries(
    Object.entries(signatures).map(([name, [types, type]]) => [
      name,
      { [parameters]: types, [result]: type },
    ]),
  )
}

/** Node warns that it is experimental. If it changes, the next way is taken. */
function quietly<Value>(action: () => Value): Value {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return action()
  } finally {
    process.emitWarning = emitWarning
  }
}

function libraryOf(library: CFunctions): CLibrary {
  return {
    send(path, message) {
      const fd = library.socket(unixDomain, datagram, 0)
      if (fd < 0) return false
      const bytes = Buffer.from(message)
      const address = addressOf(path)
      const length = BigInt(bytes.length)
      const sent = library.sendto(fd, bytes, length, noSignal, address, address.length)
      library.close(fd)
      return Number(sent) === bytes.length
    },
    monotonicUs() {
      const time = new BigInt64Array(2)
      if (library.clock_gettime(clockMonotonic, time) !== 0) return undefined
      const [seconds = 0n, nanoseconds = 0n] = time
      return Number(seconds) * 1_000_000 + Math.floor(Number(nanoseconds) / 1_000)
    },
  }
}

/** `sockaddr_un`: the family, then the path. One that begins with "@" is not in the file system. */
function addressOf(path: string): Uint8Array {
  const bytes = Buffer.from(path)
  const isAbstract = path.startsWith("@")
  const address = Buffer.alloc(2 + bytes.length + (isAbstract ? 0 : 1))
  address.writeUInt16LE(unixDomain)
  bytes.copy(address, 2)
  if (isAbstract) address[2] = 0
  return address
}
