/** Plays the updates of one variant, under traffic. */
import { soakPort } from "../../soak/port.ts"
import { Deployment } from "./deployment.ts"
import { Endpoints } from "./endpoints.ts"
import { Network } from "./network.ts"
import { Service } from "./service.ts"
import { type ClientReport, startTraffic } from "./traffic.ts"
import type { Variant } from "./variants.ts"

export interface Course {
  readonly updates: number
  readonly removalMs: number
}

export interface Outcome extends ClientReport {
  readonly variant: Variant
  readonly updates: number
  /** How many pods were killed, because they had not exited in time. */
  readonly kills: number
}

export async function rehearse(variant: Variant, { updates, removalMs }: Course): Promise<Outcome> {
  const port = await soakPort(1)
  const network = new Network()
  const service = await Service.start(port)
  const endpoints = new Endpoints(service, removalMs)
  const deployment = new Deployment(network, endpoints, variant)
  await deployment.start()
  const traffic = startTraffic(port)
  for (let update = 1; update <= updates; update += 1) {
    console.error(`${variant.title}: update ${update} of ${updates}`)
    await deployment.update()
  }
  await deployment.settle()
  const report = await traffic.end()
  const { kills } = deployment
  endpoints.end()
  service.remove()
  deployment.remove()
  network.remove()
  return { variant, updates, kills, ...report }
}

/** Whether clients have lost nothing, and each connection that they held was ended as promised. */
export function isFaultless({ lost, otherwise }: Outcome): boolean {
  return lost.length === 0 && otherwise.length === 0
}
