/**
 * How long recovery takes at most: the longest path through the fair steps that a search has noted, from any state to one that
 * is well. A path that never ends, or ends in a state that is not well, takes forever.
 */

/** The steps that may still happen once faults have ended, as flat lists: 16 bytes a step. */
export class FairSteps {
  #size = 0
  #from = new Uint32Array(1 << 12)
  #to = new Uint32Array(1 << 12)
  #durations = new Float64Array(1 << 12)
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
    if (this.#size === this.#from.length) this.#grow()
    this.#from[this.#size] = from
    this.#to[this.#size] = to
    this.#durations[this.#size] = duration
    this.#size += 1
  }

  /** The slowest recovery, and the state that it begins in. */
  slowest(states: number): { readonly duration: number; readonly from: number } {
    const starts = this.#starts(states)
    const slowest = new Float64Array(states).fill(Number.NaN)
    const nextStep = starts.slice(0, states)
    const isOpen = new Uint8Array(states)
    for (let root = 0; root < states; root += 1) {
      if (!Number.isNaN(slowest[root])) continue
      const stack = [root]
      while (stack.length > 0) {
        const state = stack.at(-1) as number
        if (this.#well[state] === 1) slowest[state] = 0
        else if (!this.#visitSteps(state, starts, nextStep, isOpen, slowest, stack)) continue
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
    starts: Uint32Array,
    nextStep: Uint32Array,
    isOpen: Uint8Array,
    slowest: Float64Array,
    stack: number[],
  ): boolean {
    isOpen[state] = 1
    const begin = starts[state] as number
    const end = starts[state + 1] as number
    for (let step = nextStep[state] as number; step < end; step += 1) {
      const to = this.#to[step] as number
      if (!Number.isNaN(slowest[to]) || isOpen[to] === 1) continue
      nextStep[state] = step
      stack.push(to)
      return false
    }
    let longest = begin === end ? Infinity : 0
    for (let step = begin; step < end; step += 1) {
      const to = this.#to[step] as number
      // A path that returns to where it came from never ends.
      const after = isOpen[to] === 1 ? Infinity : (slowest[to] as number)
      longest = Math.max(longest, (this.#durations[step] as number) + after)
    }
    slowest[state] = longest
    return true
  }

  /** Where the steps of each state begin. */
  #starts(states: number): Uint32Array {
    const starts = new Uint32Array(states + 1)
    for (let step = 0; step < this.#size; step += 1) {
      const after = (this.#from[step] as number) + 1
      starts[after] = (starts[after] as number) + 1
    }
    for (let state = 0; state < states; state += 1) {
      starts[state + 1] = (starts[state + 1] as number) + (starts[state] as number)
    }
    return starts
  }

  #grow(): void {
    const length = this.#from.length * 2
    const [from, to, durations] = [this.#from, this.#to, this.#durations]
    this.#from = new Uint32Array(length)
    this.#from.set(from)
    this.#to = new Uint32Array(length)
    this.#to.set(to)
    this.#durations = new Float64Array(length)
    this.#durations.set(durations)
  }
}
