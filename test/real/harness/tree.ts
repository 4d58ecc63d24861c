/** What the workers of test/real/fixtures/tree.ts have started. */
import { fixture, type Program, type ProgramOptions } from "./program.ts"

/** The sleeps by what they stand for. */
const kinds = {
  "a child": 6001,
  "a child with another environment": 6002,
  "a child of a shell": 6003,
  "an orphan": 6004,
  "a child of a child with another environment": 6005,
  "a child of a child that ignores SIGTERM": 6006,
  "a child of a detached child": 6007,
  "a child of a child that says that it was asked": 6009,
} as const

const forked = "a forked child"
export const detached: Kind = "a child of a detached child"

export type Kind = keyof typeof kinds | typeof forked

/** Every kind of process that does not outlive its worker. */
export const attached: readonly Kind[] = [
  ...(Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => kind !== detached),
  forked,
]

/** What the fixture is told. */
export interface TreeSettings {
  /** What a worker does at SIGWINCH. */
  readonly ends?: "crashes" | "exits" | "spins" | "waits"
  /** The workers up to this one start processes. */
  readonly starting?: number
  readonly options?: { readonly [name: string]: unknown }
}

export function treeOf(
  start: (script: string, options?: ProgramOptions) => Program,
  settings: TreeSettings,
  options: ProgramOptions = {},
): Program {
  return start(fixture("tree.ts"), { ...options, args: [JSON.stringify(settings)] })
}

/** Which kinds of processes live, each as often as it does. */
function living(program: Program): Kind[] {
  return program.processes().flatMap(({ command }) => {
    if (/forked\.[jt]s$/.test(command)) return [forked]
    const seconds = Number(/(?:^|\/)sleep (\d+)$/.exec(command)?.[1])
    const kind = Object.entries(kinds).find(([, asked]) => asked === seconds)?.[0]
    return kind === undefined ? [] : [kind as Kind]
  })
}

/** Waits until so many workers have started everything. */
export async function untilStarted(program: Program, workers = 1): Promise<void> {
  const all = [...attached, detached]
  await program.untilPrinted("waits", workers)
  await program.until("all that they start", () => {
    const now = living(program)
    return all.every((kind) => now.filter((one) => one === kind).length === workers)
  })
}

/** Waits until exactly these kinds are left. */
export async function untilLeft(program: Program, kindsLeft: readonly Kind[]): Promise<void> {
  const wanted = kindsLeft.toSorted().join()
  await program.until(`only ${wanted}`, () => living(program).toSorted().join() === wanted)
}

export function signalWorkers(program: Program, signal: NodeJS.Signals): void {
  for (const pid of program.workerPids()) program.signal(signal, pid)
}

/** Ends what was left on purpose, with the shells that wait for it. */
export function endLeft(program: Program): void {
  for (const { pid, command } of program.processes()) {
    if (/sleep 60\d\d/.test(command)) program.signal("SIGKILL", pid)
  }
}
