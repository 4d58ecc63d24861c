import { once } from "node:events"
import { createServer, type Server } from "node:http"
import { connect } from "node:net"
import { expect, test } from "vitest"
import { drainServers } from "../../../src/platform/node/drain.ts"
import { watchServers } from "../../../src/platform/node/servers.ts"

watchServers()

async function listening(): Promise<Server> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  return server
}

/** What the callback of `close` gets. */
function closed(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve))
}

test("a program may close a server that was drained before, once, and hears of it", async () => {
  const server = await listening()
  await drainServers(server)
  const event = once(server, "close")
  expect(await closed(server)).toBeUndefined()
  await event
  expect(await closed(server)).toMatchObject({ code: "ERR_SERVER_NOT_RUNNING" })
})

test("a program that closes a server while it is drained waits for its connections", async () => {
  const server = await listening()
  const { port } = server.address() as { readonly port: number }
  const client = connect(port, "127.0.0.1")
  await once(server, "connection")
  const drained = drainServers(server)
  let isClosed = false
  const closing = closed(server).then((error) => {
    isClosed = true
    return error
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isClosed).toBe(false)
  client.destroy()
  await drained
  expect(await closing).toBeUndefined()
})

test("a server that listens again is closed as usual", async () => {
  const server = await listening()
  await drainServers(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  expect(await closed(server)).toBeUndefined()
  expect(server.listening).toBe(false)
})
