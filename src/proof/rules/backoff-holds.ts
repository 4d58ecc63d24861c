/**
 * That no slot is filled again too soon: not before its backoff, which only a stable life starts over, nor before the
 * pause after a failed fork, nor while the echo of a signal may be on its way (safety 12). That it is not filled too
 * late, and so no wait is longer than the cap, is for the rule about wanted slots.
 */
import type { Rule } from "./rule.ts"

export const backoffHolds: Rule = {
  number: 12,
  title: "no slot is filled before its backoff is over",
  seeCommand: {
    "fork-worker"({ worker: { slot: id } }, at, history) {
      if (history.phase !== "running") return undefined
      const slot = history.slots.find((candidate) => candidate.id === id)
      if (slot?.state !== "waiting" || at >= slot.window.fromAt) return undefined
      return `slot ${id} was filled at ${at} and had to wait until ${slot.window.fromAt}`
    },
  },
}
