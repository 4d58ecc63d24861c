/**
 * Asks a soaked pool by its control socket without a pause: what it is, how it is, to replace a worker, to hand over to a new primary that
 * fails, and what makes no sense. It changes nothing else, and whatever it asks, the pool goes on.
 */
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { ask } from "../src/operator/client.ts"

/** Somebody outside of the pool. */
export interface Outside {
  /** How many answers there were. */
  readonly answers: number
  /** Answers that no pool may give. */
  readonly violations: readonly string[]
  end(): void
}

const everyMs = 50

const reads = ["/", "/status", "/config", "/metrics", "/events?follow=false&last=50", "/recording"]
const probes = ["/livez", "/readyz", "/startupz"]
const nonsense = [
  "GET /status HTTP/9.9\r\n\r\n",
  "\0\0\0\r\n\r\n",
  "POST /stop",
  "x".repeat(100_000),
]

export function startOutside(socketPath: string, workers: number): Outside {
  const violations: string[] = []
  let answers = 0
  let hasEnded = false

  async function expectStatus(
    method: "GET" | "POST",
    target: string,
    allowed: readonly number[],
  ): Promise<void> {
    try {
      const { status, body } = await ask(socketPath, method, target, 5_000)
      answers += 1
      if (allowed.includes(status)) return
      violations.push(`${method} ${target} was answered with ${status}: ${JSON.stringify(body)}`)
    } catch {
      // The primary does not listen yet, is suspended, or was killed.
    }
  }

  async function run(): Promise<void> {
    for (let turn = 0; !hasEnded; turn += 1) {
      const read = reads[turn % reads.length] ?? "/"
      const probe = probes[turn % probes.length] ?? "/livez"
      await expectStatus("GET", read, [200])
      await expectStatus("GET", probe, [200, 503])
      if (turn % 20 === 0) {
        const id = 1 + (turn % workers)
        // It is answered once the worker is replaced, which may be much later.
        void expectStatus("POST", `/recycle?id=${id}`, [200, 409])
      }
      // The new primary ends by itself before it serves: see programs/pool.js.
      if (turn % 50 === 10) void expectStatus("POST", "/upgrade", [409])
      if (turn % 5 === 0) sayNonsense(socketPath, nonsense[(turn / 5) % nonsense.length] ?? "")
      await sleep(everyMs)
    }
  }

  void run()
  return {
    get answers() {
      return answers
    },
    violations,
    end: () => (hasEnded = true),
  }
}

function sayNonsense(socketPath: string, text: string): void {
  const socket = connect(socketPath)
  socket.on("error", () => undefined)
  socket.end(text)
  socket.setTimeout(2_000, () => socket.destroy())
}
