/** Clients of the greeter, each with a connection of its own. */
import { fileURLToPath } from "node:url"
import { credentials, loadPackageDefinition, status } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"
import { startAll } from "./report.mjs"

const proto = fileURLToPath(new URL("../programs/grpc/hello.proto", import.meta.url))
const { Greeter } = loadPackageDefinition(loadSync(proto))

export function startClients({ port, clients }) {
  return startAll(clients, async (report, hasEnded) => {
    const greeter = new Greeter(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    })
    while (!hasEnded() && report.refused === 0) {
      const { error, text } = await call(greeter)
      if (text === "hello you") report.answered += 1
      else if (error?.code === status.UNAVAILABLE && error.message.includes("ECONNREFUSED"))
        report.refused += 1
      // It has not begun, says the server, so a client may send it again. A client that was held up may meet two such servers.
      else if (error?.code === status.UNAVAILABLE && error.message.includes("Stream refused"))
        report.reset += 1
      else report.lost.push(error?.message ?? String(text))
    }
    greeter.close()
  })
}

function call(greeter) {
  return new Promise((resolve) => {
    const deadline = Date.now() + 20_000
    greeter.hello({ name: "you" }, { deadline }, (error, answer) =>
      resolve({ error, text: answer?.text }),
    )
  })
}
