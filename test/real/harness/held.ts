/** Clients that keep connections open. */
import { get } from "node:http"
import { connect, type Socket } from "node:net"

/** What a client has received when its connection ended. */
export interface Ended {
  readonly text: string
  readonly bytes: readonly number[]
}

/** A connection that sends something and waits. */
export function hold(
  port: number,
  send: string,
  react?: (data: Buffer, socket: Socket) => void,
): Promise<Ended> {
  return new Promise((resolve) => {
    const received: Buffer[] = []
    const socket = connect(port, "127.0.0.1", () => {
      if (send !== "") socket.write(send)
    })
    socket.on("data", (data: Buffer) => {
      received.push(data)
      react?.(data, socket)
    })
    socket.on("error", () => undefined)
    socket.on("close", () => {
      const all = Buffer.concat(received)
      resolve({ text: all.toString("latin1"), bytes: [...all] })
    })
  })
}

/** A connection that was answered and is kept open, or was not answered. */
interface KeptOpen {
  readonly socket: Socket
  /** What its client has seen. */
  state: "waits" | "answered" | "closed"
}

/** A connection whose first request asks for a path. Its client keeps it open afterwards. */
export function keepOpen(port: number, path = "/"): KeptOpen {
  const socket = connect(port, "127.0.0.1", () => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`)
  })
  const kept: KeptOpen = { socket, state: "waits" }
  socket.on("data", () => (kept.state = "answered"))
  socket.on("error", () => undefined)
  socket.on("close", () => (kept.state = "closed"))
  return kept
}

/** A request to go on in another protocol. */
export function upgradeTo(protocol: string): string {
  const head = ["GET / HTTP/1.1", "Host: here", "Connection: Upgrade", `Upgrade: ${protocol}`]
  head.push("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "")
  return head.join("\r\n")
}

/** The frame in which a server says that it is going away. */
export const goingAway = [0x88, 0x02, 0x03, 0xe9] as const

/** Answers a server that closes a WebSocket, as every client does. */
export function answerClose(data: Buffer, socket: Socket): void {
  if (data.includes(Buffer.from(goingAway))) {
    socket.write(Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9))
  }
}

/** How an event stream ended. */
export function follow(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    get({ port, path, agent: false, host: "127.0.0.1" }, (response) => {
      response.resume()
      response.on("end", () => resolve("ended"))
      response.on("error", ({ message }) => resolve(message))
    }).on("error", ({ message }) => resolve(message))
  })
}
