/**
 * Decides who hands out connections: the primary or the system.
 */
import type { Scheduling } from "../platform.ts"
import { type Runtime, runtime } from "./runtime.ts"

/** What the choice follows from besides the option. */
export interface SchedulingSurroundings {
  readonly runtime: Pick<Runtime, "name" | "onlyScheduling">
  readonly system: string
  readonly environment: { readonly [variable: string]: string | undefined }
}

/**
 * Who hands out connections; undefined if that is up to the runtime.
 *
 * @param wanted what the user has chosen, if anything.
 * @throws {RangeError} if this runtime cannot do that.
 */
export function schedulingFor(
  wanted: Scheduling | undefined,
  surroundings: SchedulingSurroundings = {
    runtime,
    system: process.platform,
    environment: process.env,
  },
): Scheduling | undefined {
  const { name, onlyScheduling } = surroundings.runtime
  if (onlyScheduling === undefined) return wanted ?? ownScheduling(surroundings)
  if (wanted === onlyScheduling) return wanted
  if (wanted === undefined) return onlyScheduling
  throw new RangeError(
    `kamisama: "scheduling" must be "${onlyScheduling}" on ${name}, got "${wanted}". Leave it out for the default.`,
  )
}

/**
 * What nobody has chosen. On Windows, Node would leave it to the system. There, a worker that closes its port resets what it has
 * accepted and not yet been told of: some requests at each reload.
 */
function ownScheduling({ system, environment }: SchedulingSurroundings): Scheduling | undefined {
  const isChosen = environment["NODE_CLUSTER_SCHED_POLICY"] !== undefined
  return system === "win32" && !isChosen ? "round-robin" : undefined
}
