/**
 * That the target is what was asked for, and that asking again for what is so already leads to nothing (safety 13).
 */
import type { Rule } from "./rule.ts"

export const scalingIsIdempotent: Rule = {
  number: 13,
  title: "the target is what was asked for, and asking for it again changes nothing",
  seeCommand(command, _at, _history, { asked }) {
    const isAnnouncement = command.type === "announce-scale"
    if (asked === null) return isAnnouncement ? "it scaled unasked" : undefined
    const { from, to } = asked
    if (from === to && !(command.type === "finish" && command.reason.rule === "exits-unreported")) {
      return `a target of ${to}, asked for again, led to ${command.type}`
    }
    return isAnnouncement && (command.from !== from || command.to !== to)
      ? `it scaled from ${command.from} to ${command.to} where from ${from} to ${to} was due`
      : undefined
  },
  settled: (_history, { asked, isScaleAnnounced }) =>
    asked !== null && asked.from !== asked.to && !isScaleAnnounced
      ? `scaling from ${asked.from} to ${asked.to} was asked for and not done`
      : undefined,
}
