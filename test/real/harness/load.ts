/**
 * Clients of an HTTP server, and what became of each of their requests. Used by tests, which count, and by the
 * benchmark.
 */
import { Agent, request } from "node:http"

export interface LoadOptions {
  readonly port: number
  readonly clients: number
  /** Whether a client keeps its connection for all of its requests, or opens one for each. */
  readonly keepAlive: boolean
  /** How long a client pauses between two requests, in ms, at the most. */
  readonly pauseMs?: number
  readonly path?: string
}

interface LoadReport {
  /** Requests that were answered. */
  answered: number
  /** Requests that nobody had accepted, for want of a server: not lost, as their client knows. */
  refused: number
  /**
   * Requests on a new connection that was reset before anything came: it stood in the queue of a port that was closed,
   * and no worker has seen it.
   */
  reset: number
  /** Requests that were accepted and not answered, by what their client saw. */
  readonly lost: string[]
}

export interface Load {
  readonly report: LoadReport
  /** Lets the clients finish what they have begun. A client also ends when it is refused. */
  end(): Promise<LoadReport>
}

/** After how long a request without an answer counts as hung. */
const hungMs = 10_000

/**
 * A client that was held up for so long since its last request, and sent that `silentMs` ago, may send on a connection that a
 * server has ended as idle meanwhile. No connection is ended sooner.
 */
const heldUpMs = 100
const silentMs = 500

/** When this process last was held up for so long on a busy machine, and how late it was. */
let heldUp = { at: -Infinity, byMs: 0 }

/** Sets clients to work. */
export function startLoad(options: LoadOptions): Load {
  const { clients, pauseMs = 0 } = options
  const report: LoadReport = { answered: 0, refused: 0, reset: 0, lost: [] }
  let isEnding = false

  async function client(): Promise<void> {
    const agent = new Agent({ keepAlive: options.keepAlive, maxSockets: 1 })
    for (let previousAt = 0; !isEnding;) {
      const askedAt = performance.now()
      const outcome = await ask(options, agent, previousAt)
      previousAt = askedAt
      if (outcome === "answered") report.answered += 1
      else if (outcome === "refused") {
        report.refused += 1
        break
      } else if (outcome === "reset") report.reset += 1
      else if (outcome !== "too late") report.lost.push(outcome)
      if (pauseMs > 0) await pause(Math.random() * pauseMs)
    }
    agent.destroy()
  }

  let lookedAt = performance.now()
  const watch = setInterval(() => {
    const now = performance.now()
    if (now - lookedAt > heldUpMs) heldUp = { at: now, byMs: now - lookedAt }
    lookedAt = now
  }, heldUpMs / 10)
  const all = Promise.all(Array.from({ length: clients }, client))
  return {
    report,
    async end() {
      isEnding = true
      await all
      clearInterval(watch)
      return report
    },
  }
}

/** @param previousAt when the client has sent its last request. */
function ask({ port, path = "/" }: LoadOptions, agent: Agent, previousAt: number): Promise<string> {
  const askedAt = performance.now()
  return new Promise((resolve) => {
    const asked = request({ port, path, agent, host: "127.0.0.1" }, (response) => {
      response.on("end", () => resolve("answered"))
      response.on("error", (error) => resolve(`broken off: ${error.message}`))
      response.resume()
    })
    asked.setTimeout(hungMs, () => {
      resolve("hung")
      asked.destroy()
    })
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const isNew = !asked.reusedSocket
      if (error.code === "ECONNREFUSED") resolve("refused")
      else if (error.code === "ECONNRESET" && isNew) resolve("reset")
      else if (error.code === "ECONNRESET" && isTooLate(previousAt)) resolve("too late")
      else {
        const what = `${error.code ?? error.message} on a ${isNew ? "new" : "used"} connection`
        resolve(isNew ? what : `${what} (${timesOf(askedAt, previousAt)})`)
      }
    })
    asked.end()
  })
}

/** What shows who was late, the client or the server, in ms before now. */
function timesOf(askedAt: number, previousAt: number): string {
  const ago = (at: number): string => `${Math.round(performance.now() - at)} ms ago`
  const hold = `last held up ${ago(heldUp.at)} by ${Math.round(heldUp.byMs)} ms`
  return `asked ${ago(askedAt)}, the request before ${ago(previousAt)}, ${hold}`
}

/** Whether a client was held up since then, and silent. A client of HTTP then sends the request again. */
function isTooLate(previousAt: number): boolean {
  return heldUp.at > previousAt && performance.now() - previousAt >= silentMs
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
