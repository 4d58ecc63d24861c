/** Starts the clients of a rehearsal (clients.ts), and gets what they have counted. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { afterwards } from "./afterwards.ts"

export interface ClientReport {
  readonly requests: number
  readonly lost: readonly Loss[]
  readonly slowestMs: number
  /** How many WebSockets got the status 1001, and how many event streams were complete. */
  readonly promised: number
  /** Those that servers have ended otherwise. */
  readonly otherwise: readonly Incident[]
}

/** What a client saw, and when. */
interface Incident {
  readonly what: string
  readonly at: number
}

/** A request without an answer. */
export interface Loss extends Incident {
  /** Whether it was sent on a connection of its own, or on one that was kept; or no answer came in time. */
  readonly connection: "new" | "kept" | "hung"
}

export interface Traffic {
  /** Lets the clients finish what they have begun. */
  end(): Promise<ClientReport>
}

export function startTraffic(port: number): Traffic {
  // It gets no Ctrl-C of the terminal. Without this process, it ends by itself.
  const child = fork(new URL("clients.ts", import.meta.url), [String(port)], { detached: true })
  const remove = afterwards(() => child.kill("SIGKILL"))
  const reported = once(child, "message")
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`rehearsal: the clients have exited with code ${code}, and no report`)
  })
  // It is seen by whoever waits for the report.
  ended.catch(() => undefined)
  return {
    async end() {
      child.send("end")
      const [report] = (await Promise.race([reported, ended])) as [ClientReport]
      remove()
      return report
    },
  }
}
