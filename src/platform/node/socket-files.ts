/**
 * Removes the file of a unix socket that nobody listens on, so that it is no obstacle to a start.
 *
 * A primary that is killed leaves the file behind. Observed in node:cluster of Node 20 to 26 and Deno 2.9: the primary opens
 * the socket, and the worker gets EADDRINUSE. That answer is held back until it is known whether somebody answers at the
 * file, and the request is then made again.
 *
 * A program that removes the file itself, in `run`, removes the one of its first worker with the second. Nobody can connect
 * then, and the log says so.
 */
import { writeWarning } from "./output.ts"
import type { ClusterChannel, ClusterMessage } from "./cluster-channel.ts"
import { noteQuery } from "./waiting-connections.ts"

/** How long a file must be without a listener. A program that is starting has a file before it listens. */
const startMs = 200

/** The files that are looked at now. */
const looks = new Map<string, Promise<void>>()

/**
 * Asks once more for the sockets that a worker could not open.
 *
 * @param name the worker in a line of the log.
 */
export function retrySockets(channel: ClusterChannel, name: () => string): void {
  const queries = new Map<unknown, ClusterMessage>()
  let isGone = false
  channel.onReceive((message) => {
    if (pathOf(message) !== undefined) queries.set(message.seq, message)
  })
  channel.onGone(() => (isGone = true))
  channel.onSend(({ ack, errno }) => {
    const query = queries.get(ack)
    const path = query === undefined ? undefined : pathOf(query)
    queries.delete(ack)
    if (query === undefined || path === undefined) return false
    if (!errno && socketFile(path) === undefined) writeWarning(lostFile(name(), path))
    if (!isInUse(errno)) return false
    const look = looks.get(path) ?? removeUnused(path).finally(() => looks.delete(path))
    looks.set(path, look)
    void look.then(() => setImmediate(askAgain))
    return true

    /** Each in a turn of its own: node:cluster ends this process if two ask for a socket before the first has an error. */
    function askAgain(): void {
      if (isGone || query === undefined) return
      noteQuery(query)
      channel.tell(query)
    }
  })
}

/** The file of the unix socket that a worker asks for. */
export function pathOf({ act, address, port, ownPath }: ClusterMessage): string | undefined {
  if (ownPath !== undefined) return act === "queryServer" ? ownPath : undefined
  const isPath = act === "queryServer" && typeof address === "string" && Number(port) < 0
  return isPath && process.platform !== "win32" ? address : undefined
}

function lostFile(name: string, path: string): string {
  return `${name}: the file of its socket was removed, so nobody can connect: ${path}. Do not remove it in run. If nobody listens, it is no obstacle.`
}

function isInUse(errno: unknown): boolean {
  const { errno: numbers } = process.getBuiltinModule("node:os").constants
  return Math.abs(Number(errno)) === numbers.EADDRINUSE
}

async function removeUnused(path: string): Promise<void> {
  const { unlinkSync } = process.getBuiltinModule("node:fs")
  const file = socketFile(path)
  try {
    if (file === undefined || !(await isRefused(path))) return
    await new Promise((resolve) => setTimeout(resolve, startMs))
    if ((await isRefused(path)) && socketFile(path) === file) unlinkSync(path)
  } catch {
    // Not permitted. The worker then fails with the error that it had.
  }
}

/** Which file it is; undefined if there is none, or if it is no socket. */
export function socketFile(path: string): bigint | undefined {
  const { lstatSync } = process.getBuiltinModule("node:fs")
  try {
    const status = lstatSync(path, { bigint: true })
    return status.isSocket() ? status.ino : undefined
  } catch {
    return undefined
  }
}

/** Whether nobody listens. Any other error says less: the listener may be busy. */
function isRefused(path: string): Promise<boolean> {
  const { connect } = process.getBuiltinModule("node:net")
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.on("connect", () => {
      socket.destroy()
      resolve(false)
    })
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"))
  })
}
