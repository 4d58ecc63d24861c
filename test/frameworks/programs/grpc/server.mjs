// server.mjs
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"

const file = fileURLToPath(new URL("hello.proto", import.meta.url))
const { Greeter } = loadPackageDefinition(loadSync(file))

const server = new Server()
server.addService(Greeter.service, {
  async hello({ request }, answer) {
    await sleep(50) // Your work.
    answer(null, { text: `hello ${request.name}` })
  },
})

const address = `0.0.0.0:${process.env.PORT ?? 3000}`
await promisify(server.bindAsync.bind(server))(address, ServerCredentials.createInsecure())
