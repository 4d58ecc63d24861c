/**
 * What the rest of a log lets a process do. What it may do again and again, or at any moment, is tried only where the rest of
 * the log tells of it. Nothing is lost by that: a message has no effect before it is heard, so it may as well be sent right
 * before, unless the process does something in between that its log shows.
 */
import type { WorkerFact } from "../../core/event.ts"
import type { Letter } from "./letters.ts"
import type { Process } from "./system-world.ts"

export interface Expectation {
  /** Whether what is under way to the primary may be heard in the end, or lost. */
  allows(process: Process): boolean
  /** What the process may now send, or have reported of it. */
  facts(process: Process): readonly WorkerFact[]
  /** Whether its primary may be dead. */
  readonly mayBeAlone: boolean
  /** Whether its primary will see a heartbeat. */
  readonly hasHeartbeats: boolean
  /** Whether the process will do something that its log shows. */
  readonly hasActions: boolean
}

/** What is expected once a number of letters have been explained. */
export function expectationsOf(letters: readonly Letter[]): (explained: number) => Expectation {
  const made = new Map<number, Expectation>()
  return (explained) => {
    const known = made.get(explained) ?? expectationOf(letters.slice(explained))
    made.set(explained, known)
    return known
  }
}

function expectationOf(rest: readonly Letter[]): Expectation {
  const all = rest.flatMap((letter) => (letter.kind === "event" ? [letter.event] : []))
  const exit = all.find(isExit)
  const sent = all.filter((fact) => !isExit(fact))
  // A file brings a heartbeat past all messages.
  const messages = sent.filter(({ type }) => type !== "worker-sent-heartbeat")
  const [next] = rest
  const sendsAhead =
    next?.kind === "action" || (next?.kind === "command" && next.command.type === "kill-worker")
  const hasActions = rest.some(({ kind }) => kind === "action")
  return {
    allows({ up, os, side }) {
      const others = up.filter(({ type }) => reported.has(type))
      // One that leaves sends nothing more. Its primary may still take its closed channel for a signal, once.
      const isMute = os === "dead" || (side !== null && side.leaving !== null)
      if (isMute && messages.length > others.length + 1) return false
      return others.every(({ type }, at) => (messages[at]?.type ?? type) === type)
    },
    facts({ up }) {
      const ahead = up.filter(({ type }) => sent.some((fact) => fact.type === type))
      const others = ahead.filter(({ type }) => type !== "worker-sent-heartbeat")
      const found = new Set<WorkerFact>()
      if (exit !== undefined && !hasActions && ahead.length >= sent.length) found.add(exit)
      const byMessage = sent[ahead.length]
      if (byMessage !== undefined && (ahead.length === 0 || sendsAhead)) found.add(byMessage)
      const pastFile = messages[others.length]
      if (pastFile !== undefined && (others.length === 0 || sendsAhead)) found.add(pastFile)
      return [...found]
    },
    mayBeAlone: rest.every(({ kind }) => kind === "action"),
    hasHeartbeats: sent.length > messages.length,
    hasActions,
  }
}

/** What is reported once it is heard, except for heartbeats. */
const reported: ReadonlySet<string> = new Set([
  "worker-said-hello",
  "worker-became-ready",
  "worker-measured",
  "worker-served-requests",
  "worker-was-signaled",
  "worker-asked-for-replacement",
  "worker-asked-for-leadership",
])

function isExit({ type }: WorkerFact): boolean {
  return type === "worker-exited"
}
