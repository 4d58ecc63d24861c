/**
 * The canonical form of a state, a row of small integers, and its fingerprint. The model decides what is written, and so
 * which states count as the same.
 */
import { wrong } from "../../core/plan/checks.ts"

function noInteger(word: unknown): Error {
  return wrong(RangeError, "model", `"write" must write integers of 32 bits`, word)
}

/** A row that is written again for each state. */
export class Encoder {
  #row = new Int32Array(256)
  #length = 0

  /** How many words the row has. */
  get length(): number {
    return this.#length
  }

  /** Empties the row. */
  clear(): void {
    this.#length = 0
  }

  /**
   * Writes one integer.
   *
   * @throws {RangeError} if it does not fit into 32 bits: different states would have the same words, and a search would
   *   take them for one.
   */
  write(word: number): void {
    if ((word | 0) !== word) throw noInteger(word)
    if (this.#length === this.#row.length) {
      const longer = new Int32Array(this.#row.length * 2)
      longer.set(this.#row)
      this.#row = longer
    }
    this.#row[this.#length] = word
    this.#length += 1
  }

  /** Writes an integer above -1 000 000, or null. */
  writeOrNull(word: number | null): void {
    this.write(word ?? -1_000_000)
  }

  /** Writes a text: how long it is, and each of its characters. */
  writeText(text: string): void {
    this.write(text.length)
    for (let index = 0; index < text.length; index += 1) this.write(text.charCodeAt(index))
  }

  /** Writes true or false. */
  writeFlag(flag: boolean): void {
    this.write(flag ? 1 : 0)
  }

  /** Sorts the blocks that begin at the given places. The last block ends with the row. */
  sortBlocks(starts: readonly number[]): void {
    if (this.#areSorted(starts)) return
    const [begin = this.#length] = starts
    const blocks = starts.map((start, index) =>
      this.#row.slice(start, starts[index + 1] ?? this.#length),
    )
    blocks.sort(compareBlocks)
    let at = begin
    for (const block of blocks) {
      this.#row.set(block, at)
      at += block.length
    }
  }

  /** Whether they are in order already, as they often are: then nothing has to be copied. */
  #areSorted(starts: readonly number[]): boolean {
    const row = this.#row
    for (let index = 1; index < starts.length; index += 1) {
      const one = starts[index - 1] as number
      const other = starts[index] as number
      const length = other - one
      const otherLength = (starts[index + 1] ?? this.#length) - other
      if (length > otherLength) return false
      if (length < otherLength) continue
      let word = 0
      while (word < length && row[one + word] === row[other + word]) word += 1
      if (word < length && (row[one + word] as number) > (row[other + word] as number)) return false
    }
    return true
  }

  /** The row as a list. */
  toArray(): number[] {
    return [...this.#row.subarray(0, this.#length)]
  }

  /** The lower half of the fingerprint of 64 bits that `fingerprint` has computed. */
  low = 0
  /** The upper half of it. */
  high = 0

  /** Computes the fingerprint of the row: both halves at a time, because neither waits for the other. */
  fingerprint(): void {
    const row = this.#row
    const length = this.#length
    let low = 0x9e3779b9
    let high = 0x7f4a7c15
    for (let index = 0; index < length; index += 1) {
      const word = row[index] as number
      low = Math.imul(low ^ word, 0x85ebca6b)
      high = Math.imul(high ^ word, 0xc2b2ae35)
      low ^= low >>> 15
      high ^= high >>> 13
    }
    this.low = finished(low, length, 0x85ebca6b)
    this.high = finished(high, length, 0xc2b2ae35)
  }
}

function finished(half: number, length: number, factor: number): number {
  let one = Math.imul(half ^ length, 0x27d4eb2f)
  one ^= one >>> 16
  one = Math.imul(one, factor)
  return (one ^ (one >>> 14)) >>> 0
}

function compareBlocks(one: Int32Array, other: Int32Array): number {
  if (one.length !== other.length) return one.length - other.length
  for (const [index, word] of one.entries()) {
    const difference = word - (other[index] as number)
    if (difference !== 0) return difference
  }
  return 0
}
