/**
 * Which process a page goes on with when the pool that it shows has ended or was handed over. Pure.
 */
import { dirname } from "node:path"
import type { FoundPool } from "../operate/pools.ts"

/** What is known of the pool that was shown last. */
export interface Shown {
  readonly pool: FoundPool
  /** When it has answered last, in ms since the epoch. */
  readonly answeredAt: number
  /** The process id of the primary to which it was handed over; undefined if it was not. */
  readonly heir: number | undefined
}

/**
 * The same pool, the primary that it was handed over to, or one of its name and in its folder that was started since: whoever
 * lived beside it is another pool.
 */
export function heirOf(shown: Shown, pools: readonly FoundPool[]): FoundPool | undefined {
  const { pool, answeredAt, heir } = shown
  const isNext = ({ name, socketPath, startedAt }: FoundPool): boolean =>
    name === pool.name &&
    dirname(socketPath) === dirname(pool.socketPath) &&
    startedAt > answeredAt - clockMs
  return (
    pools.find(({ pid }) => pid === heir) ??
    pools.find(({ pid }) => pid === pool.pid) ??
    pools.filter(isNext).toSorted((one, other) => other.startedAt - one.startedAt)[0]
  )
}

/** By how much two processes may differ in when a third one was started. */
const clockMs = 1_000
