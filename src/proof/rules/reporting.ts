/**
 * That the primary's own turns are told of: that it stops, gives up, or wants another number of workers, each once, when
 * it is so (safety 19). That it gives up only where it must is for the rule about the limit.
 */
import type { Rule } from "./rule.ts"

export const turnsAreTold: Rule = {
  number: 19,
  title: "a stop, giving up and scaling are told of, each once",
  seeCommand: {
    "announce-stop"({ signal }, _at, _history, { stopsOn }) {
      if (stopsOn === null) return `a stop on ${signal} was told of, and none had begun`
      return stopsOn === signal
        ? undefined
        : `a stop on ${signal} was told of, and it was on ${stopsOn}`
    },
    "announce-give-up": (_order, _at, { gaveUp }) =>
      gaveUp ? "giving up was told of twice" : undefined,
    "announce-scale": (_order, _at, _history, { isScaleAnnounced }) =>
      isScaleAnnounced ? "scaling was told of twice" : undefined,
  },
  settled: (_history, { stopsOn }) =>
    stopsOn === null ? undefined : `a stop on ${stopsOn} had begun and was not told of`,
}
