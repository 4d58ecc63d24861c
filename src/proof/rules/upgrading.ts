/**
 * Of two primaries exactly one serves in the end (rule 23): the old one stops only for a new one whose workers are ready, and ends one
 * that is not to take over.
 */
import type { History, SuccessorRecord } from "./history.ts"
import type { Rule } from "./rule.ts"

export const oneTakesOver: Rule = {
  number: 23,
  title:
    "of two primaries exactly one serves in the end: the old one stops only for a new one that is ready, and ends one that is late or not wanted",
  overdue(at, { successor }, { slackMs }) {
    if (successor === null || at <= successor.dueAt + slackMs) return undefined
    if (successor.phase === "killed") return undefined
    return successor.phase === "starting"
      ? `the new primary had to be asked to stop at ${successor.dueAt} and was not`
      : `the new primary had to be killed at ${successor.dueAt} and was not`
  },
  seeCommand: {
    "start-successor": (_command, _at, { successor }) =>
      successor?.phase === "due" ? undefined : "a new primary was started, and none was due",
    "stop-successor": (_command, _at, { successor }) =>
      successor?.phase === "unwanted"
        ? undefined
        : "the new primary was asked to stop, and nothing called for it",
    "kill-successor": (_command, at, { successor }) =>
      successor?.phase === "stopping" && at >= successor.dueAt
        ? undefined
        : "the new primary was killed, and that was not due",
    "announce-upgrade": ({ phase }, _at, { unannouncedUpgrade }) =>
      phase === unannouncedUpgrade
        ? undefined
        : `an upgrade was announced as ${phase}, and it was ${unannouncedUpgrade ?? "nothing"}`,
  },
  settled({ successor, unannouncedUpgrade, phase }) {
    if (unannouncedUpgrade !== null) return `an upgrade was ${unannouncedUpgrade}, unannounced`
    if (phase === "done") return undefined
    if (successor?.phase === "due") return "an upgrade was asked for and not begun"
    if (successor?.phase === "unwanted") return "a new primary is not wanted and was not told"
    return undefined
  },
}

/** What is known once an upgrade was asked for. */
export function upgradeAsked(history: History): History {
  const { phase, delayedStop, successor } = history
  if (phase !== "running" || delayedStop !== null || successor !== null) return history
  return {
    ...history,
    successor: { phase: "due", dueAt: Infinity },
    unannouncedUpgrade: "started",
  }
}

/** What is known once a new primary was started, asked to stop, or killed. */
export function successorOrdered(
  history: History,
  type: "start-successor" | "stop-successor" | "kill-successor",
  at: number,
): History {
  const { plan } = history
  const orders: { readonly [Type in typeof type]: SuccessorRecord } = {
    "start-successor": { phase: "starting", dueAt: at + plan.upgradeTimeoutMs },
    "stop-successor": { phase: "stopping", dueAt: at + plan.timeoutMs + plan.killReportMs },
    "kill-successor": { phase: "killed", dueAt: at + plan.killReportMs },
  }
  const latestKillAt = type === "kill-successor" ? at : history.latestKillAt
  return { ...history, successor: orders[type], latestKillAt }
}

/** What is known once the new primary has ended. */
export function successorGone(history: History, at: number): History {
  const { successor } = history
  if (successor === null) return history
  const isAborted = successor.phase === "starting"
  return {
    ...history,
    successor: null,
    latestEndAt: at,
    ...(isAborted && { unannouncedUpgrade: "aborted" }),
  }
}

/** What is known once the new primary is not to take over. */
export function successorUnwanted(history: History): History {
  if (history.successor?.phase !== "starting") return history
  return {
    ...history,
    successor: { phase: "unwanted", dueAt: Infinity },
    unannouncedUpgrade: "aborted",
  }
}

/** What is known at a wake-up: the new primary may be late. */
export function successorLate(history: History, at: number): History {
  const { successor } = history
  return successor?.phase === "starting" && at >= successor.dueAt
    ? successorUnwanted(history)
    : history
}
