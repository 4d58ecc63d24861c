/**
 * What a rule is: something that looks at a log, entry by entry, and says where it is broken. Decides nothing.
 */
import type { LogEntry } from "../../platform.ts"
import type { History } from "./history.ts"

/** One promise about every run of a pool. */
export interface Rule {
  /** Its number among the safety properties of the design. */
  readonly number: number
  readonly title: string
  /** Begins to look at a log. */
  begin(leniency: Leniency): RuleObserver
}

/** How exactly a log must keep to its times. */
interface Leniency {
  /** How late a timer may fire, and an exit be reported, in ms. */
  readonly slackMs: number
}

interface RuleObserver {
  /**
   * Looks at one entry. An event is seen when everything that the one before it led to is known: that is the moment to
   * look for what was left undone.
   *
   * @param history what the log told before this entry.
   * @returns what is wrong; undefined where nothing is.
   */
  see(entry: LogEntry, history: History): string | undefined
  /** Looks for what was left undone at the end, once the log is complete. */
  end?(history: History): string | undefined
}
