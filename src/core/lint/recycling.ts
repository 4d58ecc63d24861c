/**
 * Finds recycling options that do not do what they seem to say.
 */
import { describeMs } from "../describe.ts"
import { grouped } from "../plan/forms.ts"
import type { Plan } from "../plan/plan.ts"
import type { Finding } from "./finding.ts"

/** What a worker uses before it has loaded anything; a runtime alone uses 40 to 60 MB. */
const leastMemoryBytes = 64 * 2 ** 20

/** A start and a stop take seconds; a worker that lives for less than a minute does little else. */
const leastAgeMs = 60_000

/** Every worker uses more than this from its start on, and such a worker is not replaced. */
export function maxMemorySmall({ maxMemoryBytes }: Plan): Finding | undefined {
  if (maxMemoryBytes === false || maxMemoryBytes >= leastMemoryBytes) return undefined
  return {
    rule: "max-memory-small",
    level: "warn",
    options: ["recycle"],
    text: `every process uses more than recycle.maxMemory (${grouped(maxMemoryBytes)} bytes), so the limit is ignored. It is in bytes: use at least ${grouped(leastMemoryBytes)}.`,
  }
}

/** A worker serves so many within seconds, and the next one takes as long to start. */
const leastRequests = 100

/** May be intentional in a test. More often seconds or minutes were meant. */
export function maxAgeShort({ maxAgeMs }: Plan): Finding | undefined {
  if (maxAgeMs === false || maxAgeMs >= leastAgeMs) return undefined
  return {
    rule: "max-age-short",
    level: "info",
    options: ["recycle"],
    text: `recycle.maxAge is ${describeMs(maxAgeMs)}, so workers do little more than start and stop. It is in ms: use at least ${grouped(leastAgeMs)}.`,
  }
}

/** May be intentional in a test. */
export function maxRequestsFew({ maxRequests }: Plan): Finding | undefined {
  if (maxRequests === false || maxRequests >= leastRequests) return undefined
  return {
    rule: "max-requests-few",
    level: "info",
    options: ["recycle"],
    text: `recycle.maxRequests is ${grouped(maxRequests)}, so workers do little more than start and stop. Use at least ${grouped(leastRequests)}.`,
  }
}
