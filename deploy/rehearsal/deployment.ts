/**
 * A Deployment of three pods, with `maxSurge: 1` and `maxUnavailable: 0`: an update replaces one pod after the other, and a new one is
 * ready before an old one is asked to stop.
 */
import type { Endpoints } from "./endpoints.ts"
import type { Network } from "./network.ts"
import { Pod } from "./pod.ts"
import type { Variant } from "./variants.ts"

const replicas = 3

export class Deployment {
  readonly #network: Network
  readonly #endpoints: Endpoints
  readonly #variant: Variant
  readonly #removals: Promise<void>[] = []
  #pods: readonly Pod[] = []
  #kills = 0

  constructor(network: Network, endpoints: Endpoints, variant: Variant) {
    this.#network = network
    this.#endpoints = endpoints
    this.#variant = variant
  }

  /** How many pods had to be killed. */
  get kills(): number {
    return this.#kills
  }

  async start(): Promise<void> {
    this.#pods = await Promise.all(Array.from({ length: replicas }, () => this.#addPod()))
  }

  /** Replaces all pods. */
  async update(): Promise<void> {
    for (const old of this.#pods) {
      const added = await this.#addPod()
      this.#pods = [...this.#pods.filter((pod) => pod !== old), added]
      await this.#endPod(old)
    }
  }

  /** Waits until the endpoints of all old pods are removed. */
  async settle(): Promise<void> {
    await Promise.all(this.#removals)
  }

  /** Ends all pods at once, without asking them. */
  remove(): void {
    for (const pod of this.#pods) pod.remove()
  }

  async #addPod(): Promise<Pod> {
    const pod = new Pod(this.#network, this.#variant)
    await this.#endpoints.add(pod, this.#variant.readiness)
    return pod
  }

  /** Asks a pod to stop, and waits until it has exited. It keeps its address until it is no endpoint any more. */
  async #endPod(pod: Pod): Promise<void> {
    const removed = this.#endpoints.terminating(pod)
    const exited = pod.terminate(this.#variant.graceMs)
    const gone = Promise.all([removed, exited]).then(() => pod.remove())
    this.#removals.push(gone)
    if (await exited) this.#kills += 1
  }
}
