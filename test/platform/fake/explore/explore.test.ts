import { describe, expect, test } from "vitest"
import { explore, poolModel } from "../../../../src/platform/fake/index.ts"
import { lamp } from "../lamp.ts"

describe("explore()", () => {
  test("sees every state and every move once, and calls that a proof", () => {
    const { seconds, collisionProbability, ...seen } = explore(lamp())
    // On and plugged, off and plugged, off and unplugged; each switched 0 to 5 times and more; a lamp that is on was
    // switched last, or rested.
    expect(seen).toEqual({
      isProof: true,
      isComplete: true,
      states: 18,
      transitions: 18 * 4,
      depth: 6,
      missed: [],
      slowestRecovery: 2,
      counterexample: undefined,
    })
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(collisionProbability).toBeLessThan(1e-15)
  })

  test("finds the shortest way to something wrong", () => {
    const { isProof, counterexample } = explore(lamp({ endures: 3 }))
    expect(isProof).toBe(false)
    expect(counterexample).toEqual({
      wrong: "rule 1: it broke",
      moves: ["switch", "switch", "switch", "switch"],
    })
  })

  test("finds a history of a pool that its model tells and draws, with the moment at which it goes wrong", () => {
    const model = poolModel(
      { workers: 1, timeout: 2, respawnLimit: 0, backoff: false, startTimeout: 2 },
      { mostWorkers: 1, leaps: [1] },
    )
    const { counterexample } = explore({
      ...model,
      next(world, move) {
        const next = model.next(world, move)
        return next.state.history.gaveUp ? { ...next, wrong: "it gave up" } : next
      },
    })
    const { moves = [], wrong } = counterexample ?? {}
    expect(model.tell(moves)).toMatchInlineSnapshot(`
      "      0 ms  started
                  → fork worker 1 (#1): one of the first 1
            0 ms  worker 1 (#1) exited with code 0
                  → announce giving up: more than 0 respawns within 60 s
                  → finish with code 1: every worker has stopped

      ms        |0
      worker 1  |.
      event     |1
                | ^

      . booting  : starting  # ready  - stopping
      x killed   _ waiting   = done   ^ wrong
      "
    `)
    const svg = model.draw?.(moves, wrong)
    expect(svg).toContain('class="bold">it gave up</text>')
    expect(svg).toMatch(
      /class="wrong bold">worker 1 \(#1\) exited with code 0<.*\n.*→ announce giving up/,
    )
  })

  test("is no proof where something that must happen never does", () => {
    const { isProof, isComplete, missed } = explore(lamp({ goals: ["on", "as bright as day"] }))
    expect({ isProof, isComplete, missed }).toEqual({
      isProof: false,
      isComplete: true,
      missed: ["as bright as day"],
    })
  })

  test("finds the state from which it is never well again", () => {
    const { isProof, counterexample, slowestRecovery } = explore(lamp({ canBePlugged: false }))
    expect({ isProof, slowestRecovery }).toEqual({ isProof: false, slowestRecovery: Infinity })
    expect(counterexample).toEqual({
      wrong: "from here it may never be well again",
      moves: ["unplug"],
    })
  })

  test("stops at a bound, with what it has seen, and calls that no proof", () => {
    const seen = explore(lamp(), { mostStates: 5 })
    expect(seen).toMatchObject({
      isProof: false,
      isComplete: false,
      slowestRecovery: undefined,
      counterexample: undefined,
    })
    // It is not in the middle of a state that it stops.
    expect(seen.states).toBeGreaterThan(5)
    expect(seen.states).toBeLessThan(5 + 4)
    expect(explore(lamp(), { mostStates: 18 }).isProof).toBe(true)
    expect(explore(lamp(), { mostStates: 17 }).isProof).toBe(false)
  })

  test("stops at a bound in a pool that is too large for it", () => {
    const seen = explore(poolModel({ workers: 4 }), { mostStates: 2_000 })
    expect(seen).toMatchObject({ isProof: false, isComplete: false, counterexample: undefined })
    expect(seen.states).toBeGreaterThan(2_000)
    expect(seen.transitions).toBeGreaterThan(2_000)
    expect(seen.missed).toContain("fork-worker by refill")
  })

  test("tells how long it took, by the clock that it is given", () => {
    const times = [1_000, 3_500]
    expect(explore(lamp(), { clock: () => times.shift() ?? 0 }).seconds).toBe(2.5)
  })

  test.each([Number.NaN, 0, -1, "3"])("takes no bound of %s states", (mostStates) => {
    expect(() => explore(lamp(), { mostStates: mostStates as number })).toThrow(
      `Cannot explore as "mostStates" must be a positive integer`,
    )
  })

  test.each([0.25, 2 ** 32, "1"])(
    "refuses a model that writes %s: states would look alike",
    (word) => {
      const model = lamp()
      const broken: typeof model = {
        ...model,
        write: (_state, words) => words.write(word as number),
      }
      expect(() => explore(broken)).toThrow(
        "Cannot write a word as it must be an integer of 32 bits",
      )
    },
  )

  test("proves a small pool, as the documentation has it", () => {
    const options = {
      workers: 1,
      timeout: 2,
      respawnLimit: 1,
      respawnInterval: 2,
      backoff: false,
    } as const
    const freedom = {
      mostWorkers: 1,
      reloads: false,
      recycles: false,
      excludes: false,
      incidents: false,
    }
    const model = poolModel(options, { ...freedom, leaps: ["deadline"] })
    expect(explore(model, { mostStates: 100_000 }).isProof).toBe(true)
  })
})
