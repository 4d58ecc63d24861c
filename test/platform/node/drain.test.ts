import { createServer, type Server, ServerResponse } from "node:http"
import { type AddressInfo, connect, Server as NetServer, type Socket } from "node:net"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { createServer as createTlsServer } from "node:https"
import type * as Drain from "../../../src/platform/node/drain.ts"
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type Http2Session,
} from "node:http2"

/** A process stops once. So each test has these modules, and the classes that they wrap, as new. */
let drain: typeof Drain
const { listen, emit } = NetServer.prototype
const { writeHead } = ServerResponse.prototype

beforeEach(async () => {
  vi.resetModules()
  const { watchServers } = await import("../../../src/platform/node/servers.ts")
  drain = await import("../../../src/platform/node/drain.ts")
  watchServers()
})

/** Stops the process, which has returned this from `run`. */
function stop(resource: unknown, closeTimeoutMs = 60_000): Promise<void> {
  drain.beginClosing(closeTimeoutMs)
  return drain.closeResource(resource)
}

const clients: Socket[] = []

/** Waits for a fact. */
async function until(isSo: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(isSo()).toBe(true), { timeout: 10_000, interval: 5 })
}

afterEach(() => {
  vi.useRealTimers()
  Object.assign(NetServer.prototype, { listen, emit })
  ServerResponse.prototype.writeHead = writeHead
  for (const client of clients.splice(0)) client.destroy()
})

/** A server whose responses take a while, as a worker's host knows it. */
async function serve(responseMs: number): Promise<Server> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end("done"), responseMs)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return server
}

/** A connection that the server has accepted, and what has come over it. */
async function connectTo(server: NetServer): Promise<{ socket: Socket; received: () => string }> {
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
  test("ends a connection on which nothing was ever sent", async () => {
    const server = await serve(0)
    const { received } = await connectTo(server)
    await stop(server)
    expect(received()).toBe("")
  })

  test("answers a request that was on its way when the server was closed", async () => {
    const server = await serve(0)
    const { socket, received } = await connectTo(server)
    const closed = stop(server)
    socket.write(request)
    await closed
    await new Promise((resolve) => socket.once("close", resolve))
    expect(received()).toMatch(/^HTTP\/1.1 200 OK\r\n.*done/s)
  })

  test("ends a silent connection that is older than what run returned", async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    await connectTo(server)
    await stop(server)
  })

  test("gives a connection that has just become idle as long as one that was idle before", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    // Its response has begun before the stop, and so told the client that it may ask again.
    const server = await serve(0)
    let finish = (): unknown => undefined
    server.removeAllListeners("request").on("request", (_request, response) => {
      response.write("begun")
      finish = () => response.end()
    })
    const { socket, received } = await connectTo(server)
    socket.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    await until(() => received().includes("begun"))
    const closed = stop(server)
    finish()
    await until(() => received().endsWith("0\r\n\r\n"))
    vi.advanceTimersByTime(500)
    socket.write(request)
    await until(() => received().match(/begun/g)?.length === 2)
    finish()
    await closed
  })

  test("answers requests in HTTP/2 sessions that begin at the stop, and ends the sessions", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    let finish = (): unknown => undefined
    const server = createHttp2Server((_request, response) => (finish = () => response.end("done")))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { socket } = await connectTo(server)
    const closed = stop(server)
    const session = connectHttp2("http://here", { createConnection: () => socket })
    session.on("error", () => undefined)
    const stream = session.request({ ":path": "/" })
    let text = ""
    stream.on("data", (data: Buffer) => (text += data.toString()))
    await new Promise((resolve) => server.once("request", resolve))
    vi.advanceTimersByTime(500)
    await new Promise(setImmediate)
    finish()
    await until(() => text === "done")
    vi.advanceTimersByTime(1_000)
    await closed
  })

  test("gives a new HTTP/2 session the time between two looks for its first request", async () => {
    const server = createHttp2Server()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const opened = new Promise<Http2Session>((resolve) => server.once("session", resolve))
    const { socket } = await connectTo(server)
    const session = connectHttp2("http://here", { createConnection: () => socket })
    session.on("error", () => undefined)
    const ends = vi.spyOn(await opened, "close")
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    const closed = stop(server)
    // The first look comes after two turns of the event loop.
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
    expect(ends).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    await until(() => ends.mock.calls.length === 1)
    await closed
  })

  test("ends an event stream of an HTTP/2 session", async () => {
    const server = createHttp2Server((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" })
      response.write("data: tick\n\n")
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { socket } = await connectTo(server)
    const session = connectHttp2("http://here", { createConnection: () => socket })
    session.on("error", () => undefined)
    const stream = session.request({ ":path": "/" })
    await new Promise((resolve) => stream.once("data", resolve))
    const ended = new Promise((resolve) => stream.once("end", resolve))
    await stop(server)
    await ended
  })

  test("ends a connection with a part of a TLS hello", async () => {
    const server = createTlsServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    const socket = connect(port, "127.0.0.1")
    clients.push(socket)
    const accepted = new Promise((resolve) => server.once("connection", resolve))
    socket.write(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00))
    await accepted
    const closed = new Promise((resolve) => socket.resume().once("close", resolve))
    await stop(server)
    await closed
  })

  test("drains a server that it was not given, and one that begins to listen meanwhile", async () => {
    const [known, late] = [await serve(600), createServer()]
    const { socket, received } = await connectTo(known)
    const requested = new Promise((resolve) => known.once("request", resolve))
    socket.write(request)
    await requested
    const closed = stop(undefined)
    late.listen(0, "127.0.0.1")
    await closed
    expect([known.listening, late.listening]).toEqual([false, false])
    await until(() => received().includes("done"))
  })

  test("waits for a response that takes longer than the time for idle connections", async () => {
    const server = await serve(1_100)
    const { socket, received } = await connectTo(server)
    const requested = new Promise((resolve) => server.once("request", resolve))
    socket.write(request)
    await requested
    await stop(server)
    await new Promise((resolve) => socket.once("close", resolve))
    expect(received()).toMatch(/done/)
  })

  test("drains a server of Deno or Bun that is older than the watch, once, in whatever form it was returned", async () => {
    const calls: string[] = []
    const ofDeno = {
      finished: Promise.resolve(),
      addr: {},
      shutdown: async () => void calls.push("shutdown"),
    }
    const ofBun = { pendingRequests: 0, stop: async () => void calls.push("stop") }
    await stop([ofDeno, { server: ofBun, close: () => void calls.push("close") }])
    expect(calls).toEqual(["shutdown", "stop", "close"])
  })

  test("closes an app whose server listens after that server", async () => {
    const server = await serve(0)
    let wasListening: boolean | undefined
    await stop({ server, close: () => void (wasListening = server.listening) })
    expect(wasListening).toBe(false)
  })

  test("waits for a server that is about to listen, and closes it then", async () => {
    const server = createServer()
    let hasListened = false
    server.once("listening", () => (hasListened = true))
    // The name has to be looked up first.
    server.listen(0, "localhost")
    expect(server.listening).toBe(false)
    await stop(server)
    expect(hasListened).toBe(true)
    expect(server.listening).toBe(false)
  })

  test("does not wait for a server that has listened and was closed", async () => {
    const server = await serve(0)
    await new Promise((resolve) => server.close(resolve))
    vi.useFakeTimers()
    await expect(stop(server)).resolves.toBeUndefined()
  })

  test("is done after a moment for a server that never listens", async () => {
    await expect(stop(createServer())).resolves.toBeUndefined()
  })
})
