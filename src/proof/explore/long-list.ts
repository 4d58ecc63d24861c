/**
 * A long list of integers of 32 bits. It grows by pieces, so nothing is copied and little is left unused.
 */

const bits = 16
const pieceLength = 1 << bits
const mask = pieceLength - 1

export class LongList {
  length = 0
  readonly #pieces: Uint32Array[] = []

  push(value: number): void {
    const index = this.length
    if (index >>> bits === this.#pieces.length) this.#pieces.push(new Uint32Array(pieceLength))
    const piece = this.#pieces[index >>> bits] as Uint32Array
    piece[index & mask] = value
    this.length = index + 1
  }

  at(index: number): number {
    return (this.#pieces[index >>> bits] as Uint32Array)[index & mask] as number
  }
}
