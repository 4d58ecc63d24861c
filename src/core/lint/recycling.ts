/**
 * Options about planned replacements that will not do what they seem to say.
 */
import { describeMs } from "../describe.ts"
import type { Finding } from "./finding.ts"
import type { Plan } from "../plan/plan.ts"

/** What a worker takes before it has loaded anything; a runtime alone takes 40 to 60 MB. */
const leastMemoryBytes = 64 * 2 ** 20

/** A start and a stop take seconds; a worker that lives for less than a minute does little else. */
const leastAgeMs = 60_000

/** No worker ever takes so little, and one that never did is left alone. */
export function maxMemorySmall({ maxMemoryBytes }: Plan): Finding | undefined {
  if (maxMemoryBytes === false || maxMemoryBytes >= leastMemoryBytes) return undefined
  return {
    rule: "max-memory-small",
    level: "warn",
    options: ["recycle"],
    text: `a worker takes more than ${maxMemoryBytes} bytes from its start on, and is not replaced for it, as another one would, too; set recycle.maxMemory, which is in bytes, to ${leastMemoryBytes} or more`,
  }
}

/** May be meant, in a test; more often seconds or minutes are. */
export function maxAgeShort({ maxAgeMs }: Plan): Finding | undefined {
  if (maxAgeMs === false || maxAgeMs >= leastAgeMs) return undefined
  return {
    rule: "max-age-short",
    level: "info",
    options: ["recycle"],
    text: `every worker is replaced after ${describeMs(maxAgeMs)}; set recycle.maxAge, which is in ms, to ${leastAgeMs} or more`,
  }
}
