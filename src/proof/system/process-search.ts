/**
 * The search for a run of the model in which one process, with one program, does what a log says of it. Nothing is measured: a
 * timer may fire at any moment once it is set. The search goes on where most of the log is explained.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Expectation } from "./expectation.ts"
import { type Letter, textOfAction, textOfFact } from "./letters.ts"
import { ObservedDraft, worldOf } from "./observed-draft.ts"
import { endings, hiddenMoves, observedMoves } from "./observed-moves.ts"
import { endPrimary, order } from "./primary-side.ts"
import type { SystemBounds } from "./system-bounds.ts"
import type { Process } from "./system-world.ts"

/** What is searched for. */
export interface Sought {
  readonly plan: Plan
  readonly letters: readonly Letter[]
  readonly expected: (explained: number) => Expectation
}

/** The process at one moment, and how many entries of its log are explained. */
interface Situation {
  readonly process: Process | undefined
  readonly isLed: boolean
  /** Whether its file has a heartbeat at which its primary has not looked. */
  readonly hasBeaten: boolean
  readonly explained: number
}

export class ProcessSearch {
  readonly #sought: Sought
  readonly #bounds: SystemBounds
  readonly #known = new Set<string>()
  /** Those from which it goes on, by how much is explained. */
  readonly #open: Situation[][] = []
  #deepest = 0
  /** How many letters any run explains. */
  most: number = 0
  /** What could have been next there. */
  readonly instead: Set<string> = new Set()

  constructor(sought: Sought, bounds: SystemBounds) {
    this.#sought = sought
    this.#bounds = bounds
    this.#add({ process: undefined, isLed: true, hasBeaten: false, explained: 0 })
  }

  /** Whether all of the log is explained. */
  get isFound(): boolean {
    return this.most === this.#sought.letters.length
  }

  /** Whether nothing is left to try. */
  get isExhausted(): boolean {
    return this.#deepest < 0
  }

  /** How many situations it knows. */
  get size(): number {
    return this.#known.size
  }

  /** Goes on from a number of situations. */
  goOn(count: number): void {
    for (let left = count; left > 0 && !this.isFound && !this.isExhausted;) {
      const situation = this.#open[this.#deepest]?.pop()
      if (situation === undefined) this.#deepest -= 1
      else {
        this.#goOnFrom(situation)
        left -= 1
      }
    }
  }

  #add(situation: Situation): void {
    const { process, explained } = situation
    if (process !== undefined && !this.#sought.expected(explained).allows(process)) return
    const key = keyOf(situation)
    if (this.#known.has(key)) return
    this.#known.add(key)
    ;(this.#open[explained] ??= []).push(situation)
    this.#deepest = Math.max(this.#deepest, explained)
    if (explained <= this.most) return
    this.most = explained
    this.instead.clear()
  }

  /** Carries out a move, and keeps what comes of it if the log says the same. */
  #attempt(
    from: Situation,
    perform: (draft: ObservedDraft) => void,
    changes: Partial<Situation> = {},
  ): void {
    const { plan, letters } = this.#sought
    const draft = new ObservedDraft(worldOf(plan, from.process, from.isLed), plan, this.#bounds, [])
    perform(draft)
    let { explained } = { ...from, ...changes }
    for (const text of draft.letters) {
      if (text !== textOf(letters[explained])) {
        if (explained === this.most) this.instead.add(text)
        return
      }
      explained += 1
    }
    this.#add({ ...from, ...changes, process: draft.processes[0], explained })
  }

  #goOnFrom(from: Situation): void {
    const { plan, letters, expected } = this.#sought
    const { process, explained, isLed } = from
    const next = letters[explained]
    if (next?.kind === "command" && isLed) {
      const changes = { explained: explained + 1 }
      this.#attempt(from, (draft) => order(draft, next.command), changes)
    }
    if (process === undefined) return
    const at = 0
    const { mayBeAlone, hasHeartbeats, facts } = expected(explained)
    if (mayBeAlone && isLed) {
      this.#attempt(from, (draft) => endPrimary(draft, "killed"), { isLed: false })
    }
    const world = worldOf(plan, process, isLed)
    const { primary } = world
    const place = { world, primary, bounds: this.#bounds, now: Infinity, stopSignal: "" }
    const told = facts(process)
    for (const move of [...hiddenMoves(told), ...endings]) {
      if (move.isPossible(process, place)) {
        this.#attempt(from, (draft) => move.perform(draft, at, place))
      }
    }
    for (const fact of told) {
      for (const move of observedMoves) {
        if (move.isPossible(process, fact)) {
          this.#attempt(from, (draft) => move.perform(draft, at, fact))
        }
      }
    }
    if (hasHeartbeats && plan.heartbeatTimeoutMs !== false) this.#beat(from, process)
  }

  /** Heartbeats by a file: its time stays, whatever becomes of the process, until the primary looks at it. */
  #beat(from: Situation, { side, link, worker }: Process): void {
    if (from.hasBeaten && link.said === "ready" && !link.isDead) {
      const fact = { type: "worker-sent-heartbeat", worker, agoMs: 0 } as const
      this.#attempt(from, (draft) => draft.tell(fact), { hasBeaten: false })
    }
    const sends = side !== null && side.leaving === null && side.heartbeatAt !== null
    if (!from.hasBeaten && sends) this.#add({ ...from, hasBeaten: true })
  }
}

function textOf(letter: Letter | undefined): string | undefined {
  if (letter?.kind === "event") return textOfFact(letter.event)
  return letter?.kind === "action" ? textOfAction(letter.action, letter.slot) : undefined
}

/** The program is the same in all of them. */
function keyOf({ process, isLed, hasBeaten, explained }: Situation): string {
  const place = [isLed, hasBeaten, explained]
  if (process === undefined) return JSON.stringify(place)
  const { record, side, ...others } = process
  const work = side === null ? null : { ...side, work: [side.work.life, side.work.stopSignal] }
  const seen = [record.toldToStop, record.isClosing, record.reported]
  return JSON.stringify([place, others, work, seen])
}
