/**
 * Incarnations in their old order, numbered again: how large the numbers are makes no difference.
 */
import type { State, Worker } from "../../core/state.ts"
import type { History } from "../rules/history.ts"
import type { Rank } from "./encode-values.ts"

export class Ranks {
  /** Those that live, in any order. The list is used again for each world: only so many of it count. */
  readonly #known: number[] = []
  #count = 0

  /** The processes of a world, as the core and the history know them. */
  follow({ slots, spares, replacements, retired }: State, { living }: History): void {
    this.#count = 0
    for (const { incarnation } of living) this.#add(incarnation)
    for (const slot of slots) if (slot.state === "occupied") this.#addWorker(slot)
    for (const spare of spares) this.#addWorker(spare)
    for (const replacement of replacements) this.#addWorker(replacement)
    for (const one of retired) this.#addWorker(one)
  }

  readonly of: Rank = (incarnation) => {
    let rank = 1
    for (let index = 0; index < this.#count; index += 1) {
      if ((this.#known[index] as number) < incarnation) rank += 1
    }
    return rank
  }

  #addWorker({ worker }: { readonly worker: Worker }): void {
    for (let index = 0; index < this.#count; index += 1) {
      if (this.#known[index] === worker.incarnation) return
    }
    this.#add(worker.incarnation)
  }

  #add(incarnation: number): void {
    this.#known[this.#count] = incarnation
    this.#count += 1
  }
}
