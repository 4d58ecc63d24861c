/**
 * Each wanted slot has its one worker, or will have it in time, neither too soon nor too late (rules 6, 8 and 12). What is wanted is
 * recomputed from events in wanted-slots.ts.
 */
import { whenFilling } from "./filling.ts"
import { named } from "./process-record.ts"
import { isRecycling } from "./recycling.ts"
import type { Rule } from "./rule.ts"

export const oneWorkerASlot: Rule = {
  number: 6,
  title: "at most one live worker a slot, and in all no more than wanted",
  seeCommand: {
    ...whenFilling((command, _at, history) => {
      if (history.phase !== "running") return undefined
      const id = command.worker.slot
      const isReplacement = command.reason.rule === "reload" || isRecycling(command)
      const workers = history.living.filter(({ role }) => role === "current")
      const other = workers.find(({ slot }) => slot === id)
      // A replacement starts beside another process.
      if (isReplacement)
        return other === undefined ? `slot ${id} has no worker to replace` : undefined
      if (other !== undefined) return `slot ${id} was filled while ${named(other)} lived`
      if (!history.slots.some((slot) => slot.id === id)) return `slot ${id} was not wanted`
      const working = workers.filter(
        ({ askedAt, killedAt }) => askedAt === null && killedAt === null,
      )
      return working.length + 1 > history.target
        ? `${working.length + 1} workers for a target of ${history.target}`
        : undefined
    }),
  },
}

export const wantedSlotsAreFilled: Rule = {
  number: 8,
  title:
    "every wanted slot has a worker, or gets one in time, or is finished by the respawn policy",
  overdue(at, history, { slackMs }) {
    if (history.phase !== "running") return undefined
    for (const slot of history.slots) {
      if (slot.state !== "waiting" || at <= slot.window.untilAt + slackMs) continue
      return `slot ${slot.id} was to be filled by ${slot.window.untilAt}`
    }
    return undefined
  },
  seeCommand: {
    finish(_command, _at, { phase, slots }) {
      if (phase !== "running") return undefined
      const wanted = slots.find(({ state }) => state !== "finished")
      return wanted && `it was done while slot ${wanted.id} was wanted`
    },
    ...whenFilling(({ worker: { slot: id } }, _at, history) => {
      if (history.phase !== "running") return undefined
      return history.slots.some((slot) => slot.id === id && slot.state === "finished")
        ? `slot ${id} was filled although its respawn policy had finished it`
        : undefined
    }),
  },
}

/**
 * Only a stable life resets the backoff. The pause after a failed fork counts, too, and so does the time in which a
 * signal to the group may arrive. Rule 8 judges whether a slot is filled too late.
 */
export const backoffHolds: Rule = {
  number: 12,
  title: "no slot is filled before its backoff is over",
  seeCommand: {
    ...whenFilling(({ worker: { slot: id } }, at, history) => {
      if (history.phase !== "running") return undefined
      const slot = history.slots.find((candidate) => candidate.id === id)
      if (slot?.state !== "waiting" || at >= slot.window.fromAt) return undefined
      return `slot ${id} was filled at ${at} and had to wait until ${slot.window.fromAt}`
    }),
  },
}
