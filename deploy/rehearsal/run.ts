/**
 * Rehearses rolling updates of a Deployment on one machine, and counts what clients lose: `npm run rehearse:deploy`. Pods are pools in
 * network namespaces of their own, HAProxy is the Service in front of them, and an endpoint is removed `--removal-ms` after its pod got
 * SIGTERM, as in a cluster. `--variant stop-delay` plays one of variants.ts alone.
 *
 * The exit code is 1 if a variant that must lose nothing has lost something. Without root, ip or haproxy it is 0, and the first line says
 * what is missing.
 */
import { parseArgs } from "node:util"
import { missing } from "./missing.ts"
import { failureLines, tableOf } from "./report.ts"
import { isFaultless, type Outcome, rehearse } from "./rehearse.ts"
import { variantsOf } from "./variants.ts"

const { values } = parseArgs({
  options: {
    updates: { type: "string", default: "10" },
    variant: { type: "string", multiple: true },
    "removal-ms": { type: "string", default: "2000" },
    "stop-delay-ms": { type: "string", default: "5000" },
    json: { type: "boolean", default: false },
  },
})

/** Each update starts three pods, and each pod has an address of one small network. */
const mostUpdates = 80

function numberOf(name: "updates" | "removal-ms" | "stop-delay-ms", most: number): number {
  const given = values[name]
  const number = Number(given)
  if (/^\d+$/.test(given) && number <= most) return number
  throw new RangeError(
    `rehearsal: --${name} must be an integer from 0 to ${most}, got ${given}: try --${name} ${Math.min(most, 5)}`,
  )
}

const updates = numberOf("updates", mostUpdates)
const removalMs = numberOf("removal-ms", 60_000)
const variants = variantsOf(numberOf("stop-delay-ms", 60_000), values.variant)

const lacking = missing()
if (lacking.length > 0) {
  console.log(`skipped: no rehearsal of deploys without ${lacking.join(", ")}`)
} else {
  const outcomes: Outcome[] = []
  for (const variant of variants) {
    const outcome = await rehearse(variant, { updates, removalMs })
    outcomes.push(outcome)
    for (const line of failureLines(outcome)) console.error(line)
  }
  console.log(values.json ? JSON.stringify(outcomes) : tableOf(outcomes))
  if (outcomes.some((outcome) => outcome.variant.mustLoseNothing && !isFaultless(outcome))) {
    process.exitCode = 1
  }
}
