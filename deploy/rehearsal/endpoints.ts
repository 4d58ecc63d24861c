/**
 * Keeps the endpoints of the Service, as the control plane of a cluster does. A pod is an endpoint while its probe says that it is ready. One
 * that terminates is removed for that reason alone, but late: the news takes a while to every node.
 */
import { get } from "node:http"
import { setTimeout as later } from "node:timers/promises"
import type { Pod } from "./pod.ts"
import type { Service } from "./service.ts"
import { podPort, type Variant } from "./variants.ts"

/** The figures of a readiness probe. */
const periodMs = 1_000
const probeTimeoutMs = 3_000
const failureThreshold = 3

/** How long a pod may take to be ready, on a busy machine. */
const longestStartMs = 120_000

export class Endpoints {
  readonly #service: Service
  readonly #removalMs: number
  readonly #terminating = new Set<Pod>()
  #hasEnded = false

  /** @param removalMs how long after its SIGTERM a pod is removed. */
  constructor(service: Service, removalMs: number) {
    this.#service = service
    this.#removalMs = removalMs
  }

  /** Waits until the pod is ready, makes it an endpoint, and goes on probing. */
  async add(pod: Pod, readiness: Variant["readiness"]): Promise<void> {
    const until = performance.now() + longestStartMs
    while (!(await isReady(pod, readiness))) {
      if (pod.hasExited || performance.now() > until) {
        const what = pod.hasExited ? "has exited" : `is not ready within ${longestStartMs} ms`
        throw new Error(`rehearsal: a new pod ${what}:\n${pod.output}`)
      }
      await later(periodMs)
    }
    await this.#service.add(pod.name, pod.address, podPort)
    this.#watch(pod, readiness).catch(fail)
  }

  /** The pod gets its SIGTERM now. Resolves once its endpoint is removed. */
  async terminating(pod: Pod): Promise<void> {
    this.#terminating.add(pod)
    await later(this.#removalMs)
    await this.#service.drop(pod.name)
  }

  /** From now on, the endpoints stay as they are, whatever becomes of the pods. */
  end(): void {
    this.#hasEnded = true
  }

  async #watch(pod: Pod, readiness: Variant["readiness"]): Promise<void> {
    let failures = 0
    for (;;) {
      await later(periodMs, undefined, { ref: false })
      const isGood = await isReady(pod, readiness)
      if (this.#hasEnded || this.#terminating.has(pod)) return
      if (isGood && failures >= failureThreshold) await this.#service.restore(pod.name)
      failures = isGood ? 0 : failures + 1
      if (failures === failureThreshold) await this.#service.drop(pod.name)
    }
  }
}

function isReady({ address }: Pod, { port, path }: Variant["readiness"]): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: address, port, path, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.setTimeout(probeTimeoutMs, () => asked.destroy())
    asked.on("error", () => resolve(false))
  })
}

/** Nobody waits for a probe. */
function fail(error: unknown): void {
  console.error(error)
  process.exit(1)
}
