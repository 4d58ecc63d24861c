/**
 * Where a pool can be asked how it is: by HTTP at a port, or by the command. Pure.
 */
import { isRecord } from "../../core/plan/checks.ts"

/** A port at which the pool answers by HTTP. */
export interface Endpoint {
  readonly port: number
  /** Whether others reach it, such as Kubernetes: it does not listen on loopback alone. */
  readonly isOpen: boolean
  /** Whether `kamisama health --port` reaches it: that asks 127.0.0.1. */
  readonly isLocal: boolean
}

/** What is advised to a pool without a port. */
export const usualHealthPort: number = 9_091

const everywhere = ["0.0.0.0", "::"]

/** @returns undefined if there is none, or nobody can know its port in advance. */
export function endpointOf(address: unknown): Endpoint | undefined {
  if (!isRecord(address)) return undefined
  const { port, host = "127.0.0.1" } = address
  if (typeof port !== "number" || port === 0) return undefined
  const name = String(host)
  return {
    port,
    isOpen: !/^(127\.|::1$|localhost$)/.test(name),
    // What localhost is may be ::1.
    isLocal: name === "127.0.0.1" || everywhere.includes(name),
  }
}

/** What the command has to be given to ask the pool from beside it; undefined if the pool answers nowhere. */
export function healthWords(
  health: Endpoint | undefined,
  control: boolean | string | undefined,
): readonly string[] | undefined {
  if (health?.isLocal === true) return ["health", "--port", String(health.port)]
  if (control === false) return undefined
  return typeof control === "string" ? ["health", control] : ["health"]
}

/** The flag with which others reach the health of a pool, at the port that it has already. */
export function openHealthFlag(health: Endpoint | undefined): string {
  return `--health 0.0.0.0:${health?.port ?? usualHealthPort}`
}
