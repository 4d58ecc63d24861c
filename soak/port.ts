/**
 * Finds the port of the soaked pool. It is below the ports that the system gives to outgoing connections, because it is
 * free between two lives, and a client must not get it as its own port.
 */
import { createServer } from "node:net"

const first = 20_000
const last = 29_999

/** A free port. */
export async function soakPort(): Promise<number> {
  for (let port = first + (process.pid % (last - first)); port <= last; port += 1) {
    if (await isFree(port)) return port
  }
  throw new Error(`Cannot find a free port between ${first} and ${last}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
