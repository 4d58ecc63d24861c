/**
 * Tells a page all about a pool, as long as the pool lives and somebody looks.
 */
import { setTimeout } from "node:timers/promises"
import type { Notice } from "../../core/notice.ts"
import { ask, linesFrom } from "../../operator/client.ts"
import { heirIn } from "../../operator/notice-text.ts"
import { mostNotices } from "../../operator/routes.ts"
import type { OperatorStatus } from "../../operator/status.ts"
import type { FoundPool } from "../operate/pools.ts"
import type { FeedMessage } from "./message.ts"

/** How often the status is asked for, and how long the answer may take. */
const [everyMs, answerMs] = [1_000, 1_500]

/**
 * @param send takes a message, and resolves once there is room for the next one.
 * @returns resolves when the pool has ended.
 * @throws {Error} if the pool cannot be followed, or the signal is aborted.
 */
export async function feed(
  { socketPath, ...about }: FoundPool,
  send: (message: FeedMessage) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const ending = new AbortController()
  const either = AbortSignal.any([signal, ending.signal])

  async function sendRecording(): Promise<void> {
    for await (const line of linesFrom(socketPath, "/recording?follow=true", either)) {
      await send({ type: "recording", line })
    }
  }

  async function sendNotices(): Promise<void> {
    for await (const line of linesFrom(socketPath, `/events?last=${mostNotices}`, either)) {
      const notice = JSON.parse(line) as Notice
      await send({ type: "notice", notice })
      // From now on another process has the pool.
      if (heirIn(notice) !== undefined) return ending.abort()
    }
  }

  async function sendStatus(): Promise<void> {
    for (;;) {
      const status = await statusOf(socketPath)
      if (either.aborted) return
      await send(status === undefined ? { type: "silent" } : { type: "status", status })
      await setTimeout(everyMs, undefined, { signal: either })
    }
  }

  await send({ type: "pool", about })
  const watching = sendStatus().catch(() => undefined)
  try {
    await Promise.all([sendRecording(), sendNotices()])
  } catch (error) {
    if (!ending.signal.aborted) throw error
  } finally {
    ending.abort()
    await watching
  }
}

/** Undefined if the pool does not answer. */
async function statusOf(socketPath: string): Promise<OperatorStatus | undefined> {
  try {
    return (await ask(socketPath, "GET", "/status", answerMs)).body as OperatorStatus
  } catch {
    return undefined
  }
}
