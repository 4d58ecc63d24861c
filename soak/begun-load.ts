/**
 * The clients that begin something and do not go on: they send a byte of a request line, or the first bytes of a TLS hello,
 * and then nothing. Each begins again when its connection has ended.
 */
import { connect } from "node:net"
import type { BegunKind } from "./endings.ts"

/** What a client reports. Its port tells which worker has its connection. */
export interface BegunListener {
  onOpened(kind: BegunKind): void
  onEnded(kind: BegunKind, clientPort: number, openedAt: number, endedAt: number): void
}

/** The pause before the next connection, in ms. */
const pauseMs = 200

const firstBytes: { readonly [kind in BegunKind]: Uint8Array } = {
  head: Buffer.from("G"),
  // A record of a handshake of TLS, of a length that is not yet known in full.
  hello: Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00),
}

/** Starts the clients. @returns lets them go. */
export function startBegunLoad(
  ports: { readonly [kind in BegunKind]: number },
  clientsEach: number,
  listener: BegunListener,
): () => Promise<void> {
  const leaving = new AbortController()

  async function client(kind: BegunKind): Promise<void> {
    while (!leaving.signal.aborted) {
      await begin(kind, ports[kind], listener, leaving.signal)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }

  const kinds: readonly BegunKind[] = ["head", "hello"]
  const all = Promise.all(
    kinds.flatMap((kind) => Array.from({ length: clientsEach }, () => client(kind))),
  )
  return async () => {
    leaving.abort()
    await all
  }
}

/** Resolves once the connection has ended. */
function begin(
  kind: BegunKind,
  port: number,
  listener: BegunListener,
  leaving: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const openedAt = performance.now()
    let clientPort: number | undefined
    const socket = connect(port, "127.0.0.1", () => {
      clientPort = socket.localPort
      listener.onOpened(kind)
      socket.write(firstBytes[kind])
    })
    const leave = (): void => void socket.destroy()
    leaving.addEventListener("abort", leave)
    socket.on("error", () => undefined)
    socket.resume()
    socket.on("close", () => {
      leaving.removeEventListener("abort", leave)
      if (clientPort !== undefined && !leaving.aborted) {
        listener.onEnded(kind, clientPort, openedAt, performance.now())
      }
      resolve()
    })
  })
}
