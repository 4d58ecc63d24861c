/**
 * The network of a cluster: a bridge, and a network namespace for each pod, with an address of its own. All names contain the pid of this
 * process, so several rehearsals can run at once, and one finds what another that was killed has left.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { afterwards } from "./afterwards.ts"

/** A place for a pod. */
export interface Place {
  readonly namespace: string
  readonly address: string
  /** Ends what still runs in it, and removes it. */
  remove(): void
}

/** What networks for benchmarks use (RFC 2544), and so nobody else. */
const prefix = "198.18"

/** Its first address is that of the bridge, and its last one is for everybody. */
const mostPods = 253

export class Network {
  // A name of an interface has 15 characters at most, and a pid up to 7.
  readonly #bridge = `rehears${process.pid}`
  readonly #subnet = freeSubnet()
  readonly #removeBridge: () => void
  #pods = 0

  constructor() {
    removeLeftovers()
    const bridge = this.#bridge
    ip("link", "add", bridge, "type", "bridge")
    this.#removeBridge = afterwards(() => ip("link", "del", bridge))
    ip("addr", "add", `${this.#subnet}.1/24`, "dev", bridge)
    ip("link", "set", bridge, "up")
  }

  /** Makes room for one pod. */
  place(): Place {
    const number = (this.#pods += 1)
    const namespace = `rehearsal-${process.pid}-${number}`
    const [outer, inner] = [`r${process.pid}o${number}`, `r${process.pid}i${number}`]
    const address = `${this.#subnet}.${2 + ((number - 1) % mostPods)}`
    ip("netns", "add", namespace)
    const remove = afterwards(() => removePlace(namespace, outer))
    ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace)
    ip("link", "set", outer, "master", this.#bridge, "up")
    ip("-n", namespace, "link", "set", "lo", "up")
    ip("-n", namespace, "addr", "add", `${address}/24`, "dev", inner)
    ip("-n", namespace, "link", "set", inner, "up")
    return { namespace, address, remove }
  }

  remove(): void {
    this.#removeBridge()
  }
}

/** Kills every process of a namespace. */
export function killIn(namespace: string): void {
  const pids = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" }).stdout
  for (const pid of pids.split("\n").filter(Boolean)) {
    try {
      process.kill(Number(pid), "SIGKILL")
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
    }
  }
}

function removePlace(namespace: string, interfaceName: string | undefined): void {
  killIn(namespace)
  // The end of a namespace takes its interface along, but later.
  if (interfaceName !== undefined) spawnSync("ip", ["link", "del", interfaceName])
  ip("netns", "del", namespace)
}

/** Removes what a rehearsal that was killed has left. */
function removeLeftovers(): void {
  for (const line of ip("netns", "list").split("\n")) {
    const [name, pid] = /^rehearsal-(\d+)-\d+/.exec(line) ?? []
    if (name !== undefined && !isAlive(Number(pid))) removePlace(name, undefined)
  }
  for (const line of ip("-o", "link", "show", "type", "bridge").split("\n")) {
    const [, name, pid] = /^\d+: (rehears(\d+)):/.exec(line) ?? []
    if (name !== undefined && !isAlive(Number(pid))) ip("link", "del", name)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function freeSubnet(): string {
  for (let turn = 0; turn < 256; turn += 1) {
    const subnet = `${prefix}.${(process.pid + turn) % 256}`
    if (ip("route", "show", "root", `${subnet}.0/24`) === "") return subnet
  }
  throw new Error(
    `rehearsal: needs a network that nothing uses, and all of ${prefix}.0.0/16 are in use: see ip route`,
  )
}

function ip(...given: readonly string[]): string {
  return execFileSync("ip", given, { encoding: "utf8" })
}
