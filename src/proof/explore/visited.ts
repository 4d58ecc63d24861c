/**
 * The states that a search has found, told apart by 64-bit fingerprints, and the path to each of them. It is an open-addressing
 * hash table in flat memory: some 32 bytes a state. Two states with the same fingerprint would be taken for one;
 * `collisionProbability` says how likely that is.
 */

const none = 0xffff_ffff

export class Visited {
  /** How many there are. They are numbered from 0 in the order in which they were found. */
  size = 0
  #low = new Uint32Array(1 << 12)
  #high = new Uint32Array(1 << 12)
  #slots = new Uint32Array(1 << 13).fill(none)
  #parents = new Uint32Array(1 << 12)
  #moves = new Uint32Array(1 << 12)

  /**
   * Notes a state.
   *
   * @param parent the number of the state before it.
   * @param move the number of the move that led from there to it.
   * @returns its number, or the complement of it (a negative number) if it was known before.
   */
  add(low: number, high: number, parent: number, move: number): number {
    const mask = this.#slots.length - 1
    let slot = low & mask
    for (;;) {
      const index = this.#slots[slot] as number
      if (index === none) break
      if (this.#low[index] === low && this.#high[index] === high) return ~index
      slot = (slot + 1) & mask
    }
    const index = this.size
    if (index === this.#low.length) this.#growStates()
    this.#low[index] = low
    this.#high[index] = high
    this.#parents[index] = parent
    this.#moves[index] = move
    this.#slots[slot] = index
    this.size += 1
    if (this.size * 2 > this.#slots.length) this.#growSlots()
    return index
  }

  /** The moves that first led there, by their numbers: the shortest path, because the search is breadth first. */
  pathTo(state: number): number[] {
    const path: number[] = []
    for (let at = state; at !== 0; at = this.#parents[at] as number) {
      path.push(this.#moves[at] as number)
    }
    return path.reverse()
  }

  /** About how likely it is that two of the states have one fingerprint. */
  get collisionProbability(): number {
    return (this.size * this.size) / 2 ** 65
  }

  #growStates(): void {
    const length = this.#low.length * 2
    const copy = (list: Uint32Array): Uint32Array<ArrayBuffer> => {
      const larger = new Uint32Array(length)
      larger.set(list)
      return larger
    }
    this.#low = copy(this.#low)
    this.#high = copy(this.#high)
    this.#parents = copy(this.#parents)
    this.#moves = copy(this.#moves)
  }

  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2).fill(none)
    const mask = slots.length - 1
    for (let index = 0; index < this.size; index += 1) {
      let slot = (this.#low[index] as number) & mask
      while (slots[slot] !== none) slot = (slot + 1) & mask
      slots[slot] = index
    }
    this.#slots = slots
  }
}
