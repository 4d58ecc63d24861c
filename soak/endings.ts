/**
 * Judges how connections that clients keep open have ended: WebSockets, event streams, and what was begun and not finished, a
 * head or a TLS hello. The judgment depends on facts alone, as that of requests (excuses.ts) does.
 *
 * A WebSocket or an event stream ends in one of two ways. It is
 *
 * - **told** if the WebSocket got the status 1001, or the response of the event stream was complete. That is right if its
 *   worker was stopping, and a **violation** if not;
 * - **cut** otherwise. That is **excused** as a broken request is: if its worker was ending without warning, or in an outage
 *   that began with the death of a primary. Otherwise it is a **violation**.
 *
 * What was only begun waits for its client, so its worker closes it, in whatever way. It is **late** if it is still open when
 * `closeTimeout` has passed since its worker was asked to stop. That is excused if the worker was ending without warning, and
 * a violation otherwise. Such a connection also must not hold up the stop: that no worker was killed at one is checked by
 * life.ts.
 */
import { type Death, isBreakExcused, momentMs, type Outage } from "./excuses.ts"

export type HeldKind = "WebSocket" | "event stream"
export type BegunKind = "head" | "hello"

/** A WebSocket or an event stream that the server has ended. */
export interface HeldEnding {
  readonly kind: HeldKind
  readonly pid: number
  readonly openedAt: number
  readonly endedAt: number
  readonly how: "told" | "cut"
  /** What the client saw. */
  readonly text: string
}

/** A head or a TLS hello of which the client has sent a part. */
export interface BegunEnding {
  readonly kind: BegunKind
  readonly pid: number
  readonly openedAt: number
  readonly endedAt: number
}

export type Ending = HeldEnding | BegunEnding

/** When each worker was asked to stop. */
type Stops = ReadonlyMap<number, number>

export interface EndingVerdict {
  readonly right: number
  readonly excused: number
  readonly violations: readonly Ending[]
}

/** How late a worker may close what was begun, on a busy machine, and if it was suspended briefly meanwhile, in ms. */
const latenessMs = 1_200

/** @param closeTimeoutMs how long clients may keep a connection open after the stop of its worker. */
export function judgeEndings(
  endings: readonly Ending[],
  closeTimeoutMs: number,
  { deaths, outages, stops }: Facts,
): EndingVerdict {
  let right = 0
  let excused = 0
  const violations: Ending[] = []
  for (const ending of endings) {
    const { pid, endedAt } = ending
    const stoppedAt = stops.get(pid) ?? Infinity
    const isRight =
      "how" in ending
        ? ending.how === "told" && stoppedAt <= endedAt + momentMs
        : endedAt <= stoppedAt + closeTimeoutMs + latenessMs
    if (isRight) right += 1
    else if (!isTold(ending) && isBreakExcused(endedAt, pid, deaths, outages)) excused += 1
    else violations.push(ending)
  }
  return { right, excused, violations }
}

/** What else has happened. */
export interface Facts {
  readonly deaths: readonly Death[]
  readonly outages: readonly Outage[]
  readonly stops: Stops
}

function isTold(ending: Ending): boolean {
  return "how" in ending && ending.how === "told"
}
