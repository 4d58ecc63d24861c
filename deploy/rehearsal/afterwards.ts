/**
 * Undoes what a rehearsal has set up, however it ends: by itself, by an error, by Ctrl-C or SIGTERM. It is done at the exit of the process,
 * and therefore without waiting for anything.
 */
type Undo = () => void

const undoing = new Set<Undo>()

/** Undoes this at the end. @returns undoes it now. */
export function afterwards(undo: Undo): Undo {
  undoing.add(undo)
  return () => {
    if (undoing.delete(undo)) undo()
  }
}

process.on("exit", () => {
  // What was set up last stands on what was set up first.
  for (const undo of [...undoing].toReversed()) {
    try {
      undo()
    } catch (error) {
      console.error(error)
    }
  }
})
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
  ["SIGHUP", 1],
] as const) {
  process.on(signal, () => process.exit(128 + number))
}
