/**
 * The target is what was asked for (rule 13). The pool announces that it stops, gives up or scales, each once and when
 * it does so (rule 19). Whether it may give up is judged by the rule about the respawn limit.
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
  settled: ({ announcedTarget }, { asked }) =>
    asked !== null && asked.from !== asked.to && announcedTarget !== asked.to
      ? `scaling from ${asked.from} to ${asked.to} was asked for and not done`
      : undefined,
}

export const announcedOnce: Rule = {
  number: 19,
  title: "a stop, giving up and scaling are announced, each once",
  seeCommand: {
    "announce-stop-delay": ({ signal }, _at, { unannouncedDelay }) =>
      unannouncedDelay === signal
        ? undefined
        : `the delay of a stop on ${signal} was announced, and none had begun`,
    "announce-stop"({ signal }, _at, { unannouncedStop, delayedStop }) {
      // Whether it comes too early is up to the rule about the delay.
      if (delayedStop?.signal === signal) return undefined
      if (unannouncedStop === null) return `a stop on ${signal} was announced, and none had begun`
      return unannouncedStop === signal
        ? undefined
        : `a stop on ${signal} was announced, and it was on ${unannouncedStop}`
    },
    "announce-give-up": (_command, _at, { gaveUp }) =>
      gaveUp ? "giving up was announced twice" : undefined,
    "announce-scale"(_command, _at, { announcedTarget }, { asked }) {
      const isDue = asked !== null && asked.from !== asked.to
      return isDue && announcedTarget === asked.to ? "scaling was announced twice" : undefined
    },
  },
  settled({ unannouncedStop, unannouncedDelay }) {
    if (unannouncedStop !== null)
      return `a stop on ${unannouncedStop} had begun and was not announced`
    return unannouncedDelay === null
      ? undefined
      : `the delay of a stop on ${unannouncedDelay} had begun and was not announced`
  },
}
