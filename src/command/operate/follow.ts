/**
 * Follows what happens in a pool, also after it was handed over to another primary.
 */
import { setTimeout } from "node:timers/promises"
import type { Notice } from "../../core/notice.ts"
import { linesFrom } from "../../operator/client.ts"
import { heirIn } from "../../operator/notice-text.ts"
import { mostNotices } from "../../operator/routes.ts"
import { findPools, type FoundPool } from "./pools.ts"

/** What has happened, and in which process. */
export interface Happened {
  readonly pool: FoundPool
  /** The notice as it was sent. */
  readonly line: string
  readonly notice: Notice
}

/** How long the next primary may take to open its socket, and how often it is looked for. */
const [openMs, againMs] = [5_000, 100]

/** @param last how many past notices come first. */
export async function* follow(pool: FoundPool, last: number): AsyncGenerator<Happened> {
  let next: FoundPool | undefined = pool
  let wanted = last
  while (next !== undefined) {
    const current: FoundPool = next
    next = undefined
    for await (const line of linesFrom(current.socketPath, `/events?last=${wanted}`)) {
      const notice = JSON.parse(line) as Notice
      yield { pool: current, line, notice }
      const heir = heirIn(notice)
      if (heir === undefined) continue
      next = await poolOf(heir)
      if (next !== undefined) break
    }
    // It has been there for a while, and nobody has heard of it.
    wanted = mostNotices
  }
}

/** The pool with this primary. Undefined if there is none in time. */
async function poolOf(pid: number): Promise<FoundPool | undefined> {
  for (let waitedMs = 0; waitedMs < openMs; waitedMs += againMs) {
    const { pools } = await findPools()
    const found = pools.find((pool) => pool.pid === pid)
    if (found !== undefined) return found
    await setTimeout(againMs)
  }
  return undefined
}
