/**
 * That the primary's own turns are told of: that it stops, gives up, or wants another number of workers, each once, when
 * it is so (safety 19). That it gives up only where it must is for the rule about the limit.
 */
import type { Rule } from "./rule.ts"

export const turnsAreTold: Rule = {
  number: 19,
  title: "a stop, giving up and scaling are told of, each once",
  seeOrder(order, _at, { turn, gaveUp }) {
    switch (order.type) {
      case "announce-stop":
        if (turn.stopsOn === null)
          return `a stop on ${order.signal} was told of, and none had begun`
        return turn.stopsOn === order.signal
          ? undefined
          : `a stop on ${order.signal} was told of, and it was on ${turn.stopsOn}`
      case "announce-give-up":
        return gaveUp ? "giving up was told of twice" : undefined
      case "announce-scale":
        return turn.isScaleAnnounced ? "scaling was told of twice" : undefined
      default:
        return undefined
    }
  },
  settled: ({ turn: { stopsOn } }) =>
    stopsOn === null ? undefined : `a stop on ${stopsOn} had begun and was not told of`,
}
