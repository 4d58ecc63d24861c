/**
 * The clients of the soaked pool, which send requests all the time. Some keep their connection, some open one for each
 * request. Each failed request is recorded with all that is known of it. excuses.ts judges it: a lost request is excused
 * only if a worker ended without warning, or if the primary was killed.
 *
 * The headers of a response show which worker has the connection. A worker sends them as soon as it has the request.
 */
import { Agent, request } from "node:http"
import type { Socket } from "node:net"
import type { Failure } from "./excuses.ts"

export interface SoakLoad {
  /** How many requests were sent. */
  readonly requests: number
  readonly answered: number
  readonly failures: readonly Failure[]
  /** How long the slowest answer took, in ms. */
  readonly slowestMs: number
  /** Lets the clients finish their requests. */
  end(): Promise<void>
}

/** After how long a request without an answer counts as hung: longer than any worker or primary is suspended. */
const hungMs = 10_000

/** The usual longest pause of a client between two requests, in ms: much shorter than idle connections stay open. */
const shortPauseMs = 40

/** The pause of a client that has failed, in ms. */
const failedPauseMs = 100

/** The worker to which each connection is known to lead. */
const pidOf = new WeakMap<Socket, number>()

/** Starts the clients. Half of them keep their connections. */
export function startSoakLoad(
  port: number,
  clients: number,
  longestPauseMs = shortPauseMs,
): SoakLoad {
  const failures: Failure[] = []
  let requests = 0
  let answered = 0
  let slowestMs = 0
  let isEnding = false

  async function client(keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!isEnding) {
      requests += 1
      const askedAt = performance.now()
      const failure = await ask(port, agent)
      if (failure !== undefined) failures.push(failure)
      else {
        answered += 1
        slowestMs = Math.max(slowestMs, performance.now() - askedAt)
      }
      await pause(failure === undefined ? Math.random() * longestPauseMs : failedPauseMs)
    }
    agent.destroy()
  }

  const all = Promise.all(Array.from({ length: clients }, (_, number) => client(number % 2 === 0)))
  return {
    get requests() {
      return requests
    },
    get answered() {
      return answered
    },
    failures,
    get slowestMs() {
      return slowestMs
    },
    async end() {
      isEnding = true
      await all
    },
  }
}

/** @returns the failure; undefined if the request was answered. */
function ask(port: number, agent: Agent): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const asked = request({ port, agent, host: "127.0.0.1" }, (response) => {
      const { socket } = response
      pidOf.set(socket, Number(response.headers["x-pid"]))
      response.on("end", () => resolve(undefined))
      response.on("error", (error) => fail("broken", `broken off: ${error.message}`, socket))
      response.resume()
    })

    function fail(how: Failure["how"], text: string, socket: Socket | null): void {
      const pid = socket === null ? undefined : pidOf.get(socket)
      const isNewConnection = !asked.reusedSocket
      resolve({ startedAt, failedAt: performance.now(), how, text, pid, isNewConnection })
    }

    asked.setTimeout(hungMs, () => {
      fail("hung", `no answer for ${hungMs} ms`, asked.socket)
      asked.destroy()
    })
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const how = error.code === "ECONNREFUSED" ? "refused" : "broken"
      fail(how, error.code ?? error.message, asked.socket)
    })
    asked.end()
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
