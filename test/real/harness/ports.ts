/** Ports for servers under test. */
import { createServer } from "node:net"

/** A port of the loopback that is free now. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port)
        else reject(new Error("Cannot find a free port"))
      })
    })
  })
}

/** A port of the loopback that is free now, as is the one after it. */
export async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort()
    try {
      await freePort(port + 1)
      return port
    } catch {
      // The next one is taken, or there is none.
    }
  }
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
