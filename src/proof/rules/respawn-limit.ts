/**
 * How many respawns there may be (rule 7). The window is counted again from the forks themselves, so a respawn that never happened
 * does not count.
 */
import { whenFilling } from "./filling.ts"
import { countingRespawns } from "./history.ts"
import type { Rule } from "./rule.ts"

export const respawnLimit: Rule = {
  number: 7,
  title: "no more respawns than the limit, and no giving up before one more is due",
  seeCommand: {
    "announce-give-up"({ reason }, at, history) {
      if (history.phase !== "running" || reason.rule === "no-worker-started") return undefined
      const { respawnLimit: limit } = history.plan
      const count = countingRespawns(history, at).length
      if (count < limit) return `it gave up after ${count} of ${limit} respawns`
      if (reason.rule === "respawn-limit" && reason.respawns !== count) {
        return `${reason.respawns} respawns were counted where there were ${count}`
      }
      const isDue = history.slots.some(
        (slot) => slot.state === "waiting" && slot.isCounted && slot.window.fromAt <= at,
      )
      return isDue ? undefined : "it gave up though no respawn was due"
    },
    ...whenFilling(({ worker, reason }, at, history) => {
      if (history.phase !== "running") return undefined
      const { respawnLimit: limit } = history.plan
      const slot = history.slots.find(({ id }) => id === worker.slot)
      if (slot?.state === "waiting" && slot.isCounted !== (reason.rule === "respawn")) {
        const due = slot.isCounted ? "a respawn" : "no respawn"
        return `slot ${slot.id} was filled by ${reason.rule}, and it was ${due}`
      }
      if (reason.rule !== "respawn" || limit === Infinity) return undefined
      const count = countingRespawns(history, at).length + 1
      if (count > limit) return `${count} respawns where ${limit} are allowed`
      return reason.respawns === count
        ? undefined
        : `${reason.respawns} respawns were counted where there were ${count}`
    }),
  },
}
