/**
 * Lets the program close a server that kamisama has closed. By the runtime's rule, its callback would get the error that the server
 * is not running, and libraries such as terminus take that for a failed stop. To the program, the server is still open.
 */
import type { Server } from "node:net"

/** A server that kamisama has closed, and the program has not. */
interface Closing {
  /** Whether its connections have ended, too. */
  isOver: boolean
  readonly callbacks: (() => void)[]
}

const closing = new WeakMap<Server, Closing>()

/** Notes that kamisama has closed a server. @returns notes that its connections have ended. */
export function noteClosed(server: Server): () => void {
  const record: Closing = { isOver: false, callbacks: [] }
  closing.set(server, record)
  return () => {
    record.isOver = true
    for (const callback of record.callbacks.splice(0)) callback()
  }
}

/** The server is told to listen once more. */
export function noteReopened(server: Server): void {
  closing.delete(server)
}

/**
 * The program closes a server. The second time it gets the error.
 *
 * @returns whether kamisama has closed it before.
 */
export function closeAgain(server: Server, callback: unknown): boolean {
  const record = closing.get(server)
  if (record === undefined) return false
  closing.delete(server)
  const call = (): void => {
    if (typeof callback === "function") callback.call(server)
  }
  if (!record.isOver) record.callbacks.push(call)
  else {
    process.nextTick(() => {
      server.emit("close")
      call()
    })
  }
  return true
}
