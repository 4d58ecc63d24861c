/**
 * Searches plans in several processes at once, and says of each what it has shown.
 */
import { fork } from "node:child_process"
import { endedRow, type Searched } from "./searched.ts"

/** What a search may take. */
export interface Limits {
  readonly processes: number
  readonly mostStates: number
  /** Of the heap of one process. Its tables are beside it. */
  readonly heapMb: number
}

/** Most values of a search are dropped at once. With more room for them, the collector has to look four times less often. */
const roomForTheNew = ["--min-semi-space-size=64", "--max-semi-space-size=64"]

/** Searches the plans in that order. Calls `then` for each of them once it is searched. */
export async function searchAll(
  names: readonly string[],
  limits: Limits,
  then: (name: string, searched: Searched, seconds: number) => void,
): Promise<void> {
  const waiting = [...names]
  async function searchOneByOne(): Promise<void> {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const startedAt = performance.now()
      const searched = await search(name, limits)
      then(name, searched, (performance.now() - startedAt) / 1_000)
    }
  }
  await Promise.all(Array.from({ length: limits.processes }, searchOneByOne))
}

function search(name: string, { mostStates, heapMb }: Limits): Promise<Searched> {
  return new Promise((resolve, reject) => {
    const follower = fork(new URL("follower.ts", import.meta.url), [name, String(mostStates)], {
      execArgv: [...process.execArgv, `--max-old-space-size=${heapMb}`, ...roomForTheNew],
    })
    let searched: Searched | undefined
    follower.on("message", (message) => (searched = message as Searched))
    follower.once("error", reject)
    follower.once("close", (code, signal) => {
      const why = `its process ended with ${code ?? signal}: is ${heapMb} MB of heap enough?`
      resolve(searched ?? { text: endedRow(name, why), isProof: false, transitions: 0 })
    })
  })
}
