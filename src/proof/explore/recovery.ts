/**
 * How long recovery takes at most: the longest path through the fair steps that a search has noted, from any state to one that
 * is well. A path that never ends, or ends in a state that is not well, takes forever.
 */
import { LongList } from "./long-list.ts"

/** The steps that may still happen once faults have ended, as flat lists: 8 bytes a step, and 5 a state. */
export class FairSteps {
  /** Where each step leads, and the number of its duration. */
  readonly #to = new LongList()
  readonly #durationOf = new LongList()
  /** Every duration. There are few. */
  readonly #durations: number[] = []
  readonly #numbers = new Map<number, number>()
  /** Where the steps of each state begin. */
  readonly #begin = new LongList()
  /** 1 for each state that is well. */
  #well = new Uint8Array(1 << 12)

  /** Notes a state that is well. */
  well(state: number): void {
    while (state >= this.#well.length) {
      const well = this.#well
      this.#well = new Uint8Array(well.length * 2)
      this.#well.set(well)
    }
    this.#well[state] = 1
  }

  /** Notes a step. Steps come by state, and states by number. */
  add(from: number, to: number, duration: number): void {
    this.#beginUntil(from)
    let number = this.#numbers.get(duration)
    if (number === undefined) {
      number = this.#durations.push(duration) - 1
      this.#numbers.set(duration, number)
    }
    this.#to.push(to)
    this.#durationOf.push(number)
  }

  /** The slowest recovery, and the state that it begins in. */
  slowest(states: number): { readonly duration: number; readonly from: number } {
    this.#beginUntil(states)
    const slowest = new Float64Array(states).fill(Number.NaN)
    /** How many steps of each state are done. */
    const done = new Uint32Array(states)
    const isOpen = new Uint8Array(states)
    for (let root = 0; root < states; root += 1) {
      if (!Number.isNaN(slowest[root])) continue
      const stack = [root]
      while (stack.length > 0) {
        const state = stack.at(-1) as number
        if (this.#well[state] === 1) slowest[state] = 0
        else if (!this.#visitSteps(state, done, isOpen, slowest, stack)) continue
        isOpen[state] = 0
        stack.pop()
      }
    }
    let from = 0
    for (let state = 1; state < states; state += 1) {
      if ((slowest[state] as number) > (slowest[from] as number)) from = state
    }
    return { duration: slowest[from] as number, from }
  }

  /** Continues with the steps of a state. @returns whether all of them are known, and the state with them. */
  #visitSteps(
    state: number,
    done: Uint32Array,
    isOpen: Uint8Array,
    slowest: Float64Array,
    stack: number[],
  ): boolean {
    isOpen[state] = 1
    const begin = this.#begin.at(state)
    const end = this.#begin.at(state + 1)
    for (let step = begin + (done[state] as number); step < end; step += 1) {
      const to = this.#to.at(step)
      if (!Number.isNaN(slowest[to]) || isOpen[to] === 1) continue
      done[state] = step - begin
      stack.push(to)
      return false
    }
    let longest = begin === end ? Infinity : 0
    for (let step = begin; step < end; step += 1) {
      const to = this.#to.at(step)
      // A path that returns to where it came from never ends.
      const after = isOpen[to] === 1 ? Infinity : (slowest[to] as number)
      const duration = this.#durations[this.#durationOf.at(step)] as number
      longest = Math.max(longest, duration + after)
    }
    slowest[state] = longest
    return true
  }

  /** Steps that follow belong to that state, or to one after it. */
  #beginUntil(state: number): void {
    while (this.#begin.length <= state) this.#begin.push(this.#to.length)
  }
}
