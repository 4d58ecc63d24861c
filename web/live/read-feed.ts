/**
 * Reads what a page is told.
 */
import type { FeedMessage } from "../../src/command/dashboard/message.ts"

/** What came of asking for it. */
export type FeedEnd =
  /** It was told until the end. */
  | { readonly type: "ended" }
  /** There is no pool to tell of. */
  | { readonly type: "refused" }
  /** The address is wrong. */
  | { readonly type: "denied"; readonly reason: string }
  /** Nobody is there. */
  | { readonly type: "gone" }

/** @param take gets the messages that have arrived, some at a time. */
export async function readFeed(
  address: string,
  take: (messages: readonly FeedMessage[]) => void,
  signal: AbortSignal,
): Promise<FeedEnd> {
  let response: Response
  try {
    response = await fetch(address, { signal })
  } catch {
    return { type: "gone" }
  }
  if (!response.ok || response.body === null) {
    if (response.status === 503) return { type: "refused" }
    const { reason } = (await response.json().catch(() => ({}))) as { readonly reason?: string }
    return { type: "denied", reason: reason ?? `status ${response.status}` }
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { type: "ended" }
      const lines = (rest + value).split("\n")
      rest = lines.pop() ?? ""
      take(lines.map((line) => JSON.parse(line) as FeedMessage))
    }
  } catch (error) {
    // What could not be understood is no end of the connection.
    if (error instanceof TypeError && error.message.startsWith("replay")) throw error
    return { type: "ended" }
  }
}
