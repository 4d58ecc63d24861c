/**
 * The graph of all states that a search has met, taken from the search itself.
 */
import { explore, type Exploration, type CompleteModel } from "../../src/fake.ts"

/** A state of the graph. */
export interface Node<Move> {
  /** Its number, in the order in which the search has met the states. */
  readonly number: number
  /** The actions of a shortest run that leads to it. */
  readonly path: readonly Move[]
  /** The other states that one action leads to. */
  readonly next: Set<Node<Move>>
}

/** What a search has met. */
export interface Graph<Move> {
  readonly nodes: readonly Node<Move>[]
  readonly exploration: Exploration<Move>
}

/** Searches through a model, and keeps every state and what leads from one to the next. */
export function graphOf<State, Move>(model: CompleteModel<State, Move>): Graph<Move> {
  const byKey = new Map<string, Node<Move>>()
  const byState = new Map<State, Node<Move>>()
  let action: { readonly from: Node<Move> | undefined; readonly move: Move } | undefined
  const exploration = explore<State, Move>({
    ...model,
    next(state, move) {
      action = { from: byState.get(state), move }
      return model.next(state, move)
    },
    // The search writes a state whenever an action has led to one.
    write(state, words) {
      model.write(state, words)
      const key = words.toArray().join()
      const path = action === undefined ? [] : [...(action.from?.path ?? []), action.move]
      const node = byKey.get(key) ?? { number: byKey.size, path, next: new Set<Node<Move>>() }
      byKey.set(key, node)
      if (!byState.has(state)) byState.set(state, node)
      if (action?.from !== node) action?.from?.next.add(node)
    },
  })
  return { nodes: [...byKey.values()], exploration }
}
