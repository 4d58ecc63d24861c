/**
 * Warns of a worker that reads its standard input. It has none: workers cannot share one, and a terminal would suspend a
 * worker in the background that could read from it.
 */
import { onceOpened } from "./broken-pipe.ts"
import { writeWarning } from "./output.ts"
import type { Marker } from "./marker.ts"

/** Prints a line once the end of stdin was read. One worker speaks for all: the first of the pool. */
export function warnOfStdin({ slot, incarnation }: Marker): void {
  if (incarnation !== 1) return
  onceOpened("stdin", (stdin) => {
    stdin.once("end", () => {
      const advice =
        "With workers: 1, set stdin: true. Otherwise read it in the primary, within if (pool.isPrimary)."
      const text = `worker ${slot}: stdin is empty in workers, so whatever reads it has just seen its end. ${advice}`
      writeWarning(text)
    })
  })
}
