/** Ports for servers under test. */
import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/** Below those that operating systems give to outgoing connections: none of these takes a port before its server does. */
const lowest = 10_000
const highest = 32_000

const given = new Set<number>()

/** A port of the loopback that is free now. No two calls in a process are given the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest)
    if (!given.has(port) && (await isFree(port))) {
      given.add(port)
      return port
    }
  }
}

/** A port of the loopback that is free now, as is the one after it. */
export async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (!given.has(port + 1) && (await isFree(port + 1))) {
      given.add(port + 1)
      return port
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}

const passing = `
  const [port, command, ...args] = process.argv.slice(1)
  const server = require("node:net").createServer().listen(port, "127.0.0.1", () => {
    const stdio = ["ignore", "inherit", "inherit", server._handle.fd]
    const child = require("node:child_process").spawn(command, args, { stdio })
    process.on("SIGTERM", () => child.kill())
    child.on("exit", (code) => process.exit(code))
    server.close()
  })`

/** A command in front of a program that passes it the port as a socket that listens: its descriptor 3. */
export function passingDescriptor(port: number): readonly string[] {
  return [process.execPath, "-e", passing, String(port)]
}
