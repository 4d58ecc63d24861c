import { expect, test } from "vitest"
import { Random } from "../../../src/proof/simulate/random.ts"
import type { Model, Recovery } from "../../../src/proof/model/model.ts"
import { flat, listsOf } from "../../../src/proof/model/move-list.ts"
import { modelOf, poolModel } from "../../../src/proof/pool/pool-model.ts"
import { lamp } from "../lamp.ts"
import { scenarios } from "../scenarios.ts"

test.each(scenarios)("lists of moves say what their moves are: $name", ({ plan, bounds }) => {
  const model = modelOf(plan, bounds)
  const recovery = recoveryOf(model)
  const lists = listsOf(model) ?? never()
  const random = new Random(1)
  let state = model.initial
  let fairMoves = 0
  for (let count = 0; count < 1_500; count += 1) {
    const moves = model.moves(state)
    const all = lists.all(state)
    expect(flat(all, state)).toEqual(moves)
    expect(all.flatMap(({ kinds }) => kinds)).toEqual(moves.map(model.kindOf))
    const among = (candidates: typeof moves): typeof moves =>
      recovery.fairMoves(state, candidates).map((index) => candidates[index] ?? never())
    const fair = among(flat(lists.fair(state), state))
    expect(fair).toEqual(among(moves))
    fairMoves += fair.length
    // Half of the time nothing goes wrong, so that all is known that can be.
    const isFair = fair.length > 0 && random.below(2) === 0
    const move = isFair ? fair[random.below(fair.length)] : moves[random.below(moves.length)]
    state = model.next(state, move ?? never()).state
    if (model.isOver(state)) state = model.initial
  }
  expect(fairMoves).toBeGreaterThan(1_500)
})

test("lists of the same kinds share one array, from one state to the next", () => {
  const model = poolModel({ workers: 3 })
  const lists = listsOf(model)
  const started = model.next(model.initial, { type: "started" }).state
  const kinds = lists?.all(started).map((list) => list.kinds) ?? []
  const [one, two, three] = kinds.slice(3)
  expect(one).toContain("worker-said-hello")
  expect([one === two, two === three]).toEqual([true, true])
  const booted = model.next(started, {
    type: "worker-said-hello",
    worker: { slot: 1, incarnation: 1 },
  })
  const after = lists?.all(booted.state).map((list) => list.kinds) ?? []
  expect(after.filter((list) => !kinds.includes(list))).toHaveLength(1)
})

test("a model of the user has no lists, and neither has a model whose moves were replaced", () => {
  expect(listsOf(lamp())).toBeUndefined()
  const model = poolModel({ workers: 1 })
  const others = { ...model, moves: (state: typeof model.initial) => model.moves(state).slice(1) }
  expect(listsOf(others)).toBeUndefined()
  expect(listsOf({ ...model, kindOf: () => "jump" })).toBeUndefined()
  const recovery = { ...recoveryOf(model), fairMoves: () => [0] }
  expect(listsOf({ ...model, recovery })).toBeUndefined()
  expect(listsOf({ ...model, recovery: undefined })).toBeDefined()
  expect(listsOf({ ...model })).toBeDefined()
})

/** What is promised of every model that the tests have. */
function recoveryOf<State, Move>({ recovery }: Model<State, Move>): Recovery<State, Move> {
  return recovery ?? never()
}

function never(): never {
  throw new Error("There is none")
}
