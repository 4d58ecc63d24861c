/**
 * A small hash (FNV-1a, 32 bits) that is the same on every runtime: of a text, or of numbers one after the other.
 */

/** The hash once a number was added to it. */
export function mixed(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193)
}

/** The hash of a text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = mixed(hash, text.charCodeAt(index))
  return hash >>> 0
}
