/**
 * The states that a search has found, told apart by 64-bit fingerprints, and the path to each of them. It is an open-addressing
 * hash table in flat memory: 16 bytes a state, and 6 to 11 for its place in the table. Two states with the same fingerprint would be
 * taken for one; `collisionProbability` says how likely that is.
 */

const none = 0xffff_ffff

/** States are kept in pieces, so that nothing is copied when there are more. */
const pieceBits = 14
const pieceMask = (1 << pieceBits) - 1

/** Of each state: both halves of its fingerprint, its parent, and the move from there. One line of the cache holds them. */
const words = 4

export class Visited {
  /** How many there are. They are numbered from 0 in the order in which they were found. */
  size = 0
  #slots = new Uint32Array(1 << 13).fill(none)
  readonly #pieces: Uint32Array[] = []

  /**
   * Notes a state.
   *
   * @param parent the number of the state before it.
   * @param move the number of the move that led from there to it.
   * @returns its number, or the complement of it (a negative number) if it was known before.
   */
  add(low: number, high: number, parent: number, move: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = low & mask
    for (;;) {
      const index = slots[slot] as number
      if (index === none) break
      const piece = this.#pieceOf(index)
      const at = (index & pieceMask) * words
      if (piece[at] === low && piece[at + 1] === high) return ~index
      slot = (slot + 1) & mask
    }
    const index = this.size
    if (index >>> pieceBits === this.#pieces.length) {
      this.#pieces.push(new Uint32Array(words << pieceBits))
    }
    const piece = this.#pieceOf(index)
    const at = (index & pieceMask) * words
    piece[at] = low
    piece[at + 1] = high
    piece[at + 2] = parent
    piece[at + 3] = move
    slots[slot] = index
    this.size += 1
    if (this.size > slots.length * 0.7) this.#growSlots()
    return index
  }

  /** The number of the state before it. */
  parentOf(state: number): number {
    return this.#pieceOf(state)[(state & pieceMask) * words + 2] as number
  }

  /** The number of the move that first led there. */
  moveTo(state: number): number {
    return this.#pieceOf(state)[(state & pieceMask) * words + 3] as number
  }

  /** The moves that first led there, by their numbers: the shortest path, because the search is breadth first. */
  pathTo(state: number): number[] {
    const path: number[] = []
    for (let at = state; at !== 0; at = this.parentOf(at)) path.push(this.moveTo(at))
    return path.reverse()
  }

  /** About how likely it is that two of the states have one fingerprint. */
  get collisionProbability(): number {
    return (this.size * this.size) / 2 ** 65
  }

  #pieceOf(state: number): Uint32Array {
    return this.#pieces[state >>> pieceBits] as Uint32Array
  }

  #growSlots(): void {
    const slots = new Uint32Array(this.#slots.length * 2).fill(none)
    const mask = slots.length - 1
    for (let index = 0; index < this.size; index += 1) {
      let slot = (this.#pieceOf(index)[(index & pieceMask) * words] as number) & mask
      while (slots[slot] !== none) slot = (slot + 1) & mask
      slots[slot] = index
    }
    this.#slots = slots
  }
}
