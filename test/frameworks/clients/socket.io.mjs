/** Clients of socket.io as its guide has them: they connect again, and send again what was not acknowledged. */
import { io } from "socket.io-client"
import { startAll } from "./report.mjs"

const hungMs = 20_000

export function startClients({ port, clients, transports }) {
  return startAll(clients, async (report, hasEnded) => {
    const socket = io(`http://127.0.0.1:${port}`, {
      transports,
      forceNew: true,
      // It keeps the cookie of a proxy.
      withCredentials: true,
      ackTimeout: 1_000,
      retries: 10,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    })
    while (!hasEnded()) {
      const answer = await Promise.race([
        socket.emitWithAck("ask", "hello").catch((error) => `error: ${error.message}`),
        new Promise((resolve) => setTimeout(resolve, hungMs, "hung")),
      ])
      if (answer === "echo hello") report.answered += 1
      else if (!hasEnded()) report.lost.push(answer)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    socket.close()
  })
}
