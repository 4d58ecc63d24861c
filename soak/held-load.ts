/**
 * The clients that keep connections of the soaked pool open: WebSockets, on which they say something now and then, and event
 * streams. Each opens another one when its last has ended, and now and then it goes away by itself.
 *
 * An attempt that fails is a failed request. What the server has ended is recorded: endings.ts judges it.
 */
import { type ClientRequest, get, type IncomingMessage, request } from "node:http"
import type { Socket } from "node:net"
import type { HeldEnding, HeldKind } from "./endings.ts"
import type { Failure } from "./excuses.ts"

/** What the clients report. */
export interface HeldListener {
  onOpened(kind: HeldKind): void
  onEnded(ending: HeldEnding): void
  onFailed(failure: Failure): void
}

/** After how long an attempt without an answer counts as hung, as for a request. */
const hungMs = 10_000

/** The longest time for which a client stays, in ms: longer than most lives of the pool. */
const longestStayMs = 15_000

/** The pause before the next attempt, in ms. */
const pauseMs = 100

/** How often a client says something on its WebSocket, in ms. */
const sayMs = 150

/** "hi" in a masked frame, and the frame that answers a close with the status 1001. The mask is 0. */
const hi = Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69)
const goodbye = Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9)

/** The status with which a server that goes away closes a WebSocket. */
const goingAway = 1_001

/** Starts the clients. @returns lets them go. */
export function startHeldLoad(
  port: number,
  clients: number,
  listener: HeldListener,
): () => Promise<void> {
  const leaving = new AbortController()

  async function client(open: typeof openWebSocket): Promise<void> {
    while (!leaving.signal.aborted) {
      await open(port, listener, leaving.signal)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  const all = Promise.all(
    Array.from({ length: clients }, (_, number) =>
      client(number % 2 === 0 ? openWebSocket : followEvents),
    ),
  )
  return async () => {
    leaving.abort()
    await all
  }
}

/** Resolves once it has ended, and was reported. */
function openWebSocket(port: number, listener: HeldListener, leaving: AbortSignal): Promise<void> {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
  }
  return attempt(
    request({ port, host: "127.0.0.1", agent: false, headers }),
    "upgrade",
    listener,
    (asked, done) => {
      asked.end()
      asked.on("upgrade", ({ headers: answer }: IncomingMessage, socket: Socket, first: Buffer) => {
        const held = hold("WebSocket", Number(answer["x-pid"]), listener, leaving, socket, done)
        const talk = setInterval(() => socket.write(hi), sayMs)
        socket.on("close", () => clearInterval(talk))
        let received = first
        const read = (): void => {
          const status = closeStatus(received)
          if (status === undefined) return
          clearInterval(talk)
          held.end(status === goingAway ? "told" : "cut", `status ${status}`)
          socket.end(goodbye)
        }
        socket.on("data", (data: Buffer) => {
          received = Buffer.concat([received, data])
          read()
        })
        read()
      })
    },
  )
}

/** The same for an event stream. */
function followEvents(port: number, listener: HeldListener, leaving: AbortSignal): Promise<void> {
  const asked = get({ port, host: "127.0.0.1", path: "/events", agent: false })
  return attempt(asked, "response", listener, (_, done) => {
    asked.on("response", (response) => {
      const { socket } = response
      const held = hold(
        "event stream",
        Number(response.headers["x-pid"]),
        listener,
        leaving,
        socket,
        done,
      )
      response.on("end", () => held.end("told", "complete"))
      response.on("error", ({ message }) => held.end("cut", message))
      response.resume()
    })
  })
}

/** A connection that was opened. */
interface Held {
  /** It has ended: the first call counts. */
  end(how: HeldEnding["how"], text: string): void
}

function hold(
  kind: HeldKind,
  pid: number,
  listener: HeldListener,
  leaving: AbortSignal,
  socket: Socket,
  done: () => void,
): Held {
  const openedAt = performance.now()
  let isOver = false
  listener.onOpened(kind)

  function end(how: HeldEnding["how"], text: string): void {
    if (isOver) return
    leave()
    listener.onEnded({ kind, pid, openedAt, endedAt: performance.now(), how, text })
  }

  function leave(): void {
    isOver = true
    clearTimeout(staying)
    leaving.removeEventListener("abort", goAway)
    done()
  }

  function goAway(): void {
    leave()
    socket.destroy()
  }

  const staying = setTimeout(goAway, Math.random() * longestStayMs)
  leaving.addEventListener("abort", goAway)
  socket.on("error", ({ message }) => end("cut", message))
  // The end of a response is reported before the close of its connection.
  socket.on("close", () => setImmediate(() => end("cut", "closed")))
  return { end }
}

/** Resolves once a connection has ended, or could not be opened. @param answer what opens it. */
function attempt(
  asked: ClientRequest,
  answer: "upgrade" | "response",
  listener: HeldListener,
  opened: (asked: ClientRequest, done: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    let isOver = false
    const fail = (how: Failure["how"], text: string): void => {
      if (isOver) return
      isOver = true
      const failedAt = performance.now()
      listener.onFailed({ startedAt, failedAt, how, text, pid: undefined, isNewConnection: true })
      resolve()
    }
    asked.prependListener(answer, () => {
      isOver = true
      asked.setTimeout(0)
    })
    if (answer === "upgrade") {
      asked.on("response", ({ statusCode }) => fail("broken", `answered with ${statusCode}`))
    }
    asked.setTimeout(hungMs, () => {
      fail("hung", `no answer for ${hungMs} ms`)
      asked.destroy()
    })
    asked.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      fail(code === "ECONNREFUSED" ? "refused" : "broken", code ?? message)
    })
    opened(asked, resolve)
  })
}

/** The status in the first frame that closes a WebSocket; undefined if there is none. Frames of the server are short. */
export function closeStatus(received: Buffer): number | undefined {
  for (let at = 0; at + 1 < received.length;) {
    const length = (received[at + 1] as number) & 0x7f
    const isClose = received[at] === 0x88
    const end = at + 2 + length
    if (end > received.length) return undefined
    // Without a status, it is 1005.
    if (isClose) return length < 2 ? 1_005 : received.readUInt16BE(at + 2)
    at = end
  }
  return undefined
}
