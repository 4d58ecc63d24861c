import { createServer, type Server } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { afterEach, describe, expect, test } from "vitest"
import { closeResource, noteConnections } from "../../../src/platform/node/drain.ts"

const clients: Socket[] = []

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})

/** A server whose responses take a while, as a worker's host knows it. */
async function serve(responseMs: number): Promise<Server> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end("done"), responseMs)
  })
  noteConnections(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return server
}

/** A connection that the server has accepted, and what has come over it. */
async function connectTo(server: Server): Promise<{ socket: Socket; received: () => string }> {
  const accepted = new Promise((resolve) => server.once("connection", resolve))
  const { port } = server.address() as AddressInfo
  const socket = connect(port, "127.0.0.1")
  let text = ""
  socket.on("data", (data) => (text += data.toString()))
  socket.on("error", () => undefined)
  clients.push(socket)
  await accepted
  return { socket, received: () => text }
}

const request = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"

describe("closeResource()", () => {
  test("ends a connection on which nothing has ever been sent", async () => {
    const server = await serve(0)
    const { received } = await connectTo(server)
    await closeResource(server)
    expect(received()).toBe("")
  })

  test("answers a request that was on its way when the server was closed", async () => {
    const server = await serve(0)
    const { socket, received } = await connectTo(server)
    const closed = closeResource(server)
    socket.write(request)
    await closed
    await new Promise((resolve) => socket.once("close", resolve))
    expect(received()).toMatch(/^HTTP\/1.1 200 OK\r\n.*done/s)
  })

  test("does not by itself tell a client to connect anew", async () => {
    const server = await serve(0)
    const { socket, received } = await connectTo(server)
    const closed = closeResource(server)
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    await closed
    expect(received()).toMatch(/Connection: keep-alive\r\nKeep-Alive: timeout=[1-9]/)
  })

  test("waits for a response that takes longer than idle connections have", async () => {
    const server = await serve(1_100)
    const { socket, received } = await connectTo(server)
    const requested = new Promise((resolve) => server.once("request", resolve))
    socket.write(request)
    await requested
    await closeResource(server)
    await new Promise((resolve) => socket.once("close", resolve))
    expect(received()).toMatch(/done/)
  })

  test("closes an app whose server listens after that server", async () => {
    const server = await serve(0)
    let wasListening: boolean | undefined
    await closeResource({ server, close: () => void (wasListening = server.listening) })
    expect(wasListening).toBe(false)
  })

  test("of a server that does not listen is done at once", async () => {
    await expect(closeResource(createServer())).resolves.toBeUndefined()
  })
})
