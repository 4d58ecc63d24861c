/**
 * Finds the ports of the soaked pool. They are below the ports that the system gives to outgoing connections, because they
 * are free between two lives, and a client must not get one as its own port.
 */
import { createServer } from "node:net"

const first = 20_000
const last = 29_999

/** A port that is free, as are the ones after it, so many in all. */
export async function soakPort(count: number): Promise<number> {
  let free = 0
  for (let port = first + (process.pid % (last - first)); port <= last; port += 1) {
    free = (await isFree(port)) ? free + 1 : 0
    if (free === count) return port - count + 1
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
