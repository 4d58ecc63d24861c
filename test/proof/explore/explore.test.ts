import { describe, expect, test } from "vitest"
import { type CompleteModel, explore, poolModel, simulate } from "../../../src/fake.ts"
import { lamp, throwingLamp } from "../lamp.ts"

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
      uncovered: [],
      slowestRecovery: 2,
      counterexample: undefined,
    })
    expect(seconds).toBeGreaterThanOrEqual(0)
    expect(collisionProbability).toBeLessThan(1e-15)
  })

  test("finds the shortest run to a violation", () => {
    const { isProof, counterexample } = explore(lamp({ endures: 3 }))
    expect(isProof).toBe(false)
    expect(counterexample).toEqual({
      violation: "rule 1: it broke",
      moves: ["switch", "switch", "switch", "switch"],
    })
  })

  test("finds a run of a pool that its model formats and draws, with the violation marked", () => {
    const model = poolModel(
      { workers: 1, timeout: 2, respawnLimit: 0, backoff: false, startTimeout: 2 },
      { mostWorkers: 1, timeSteps: [1] },
    )
    const { counterexample } = explore({
      ...model,
      next(world, move) {
        const next = model.next(world, move)
        return next.state.history.gaveUp ? { ...next, violation: "it gave up" } : next
      },
    })
    const { moves = [], violation } = counterexample ?? {}
    expect(model.format(moves)).toMatchInlineSnapshot(`
      "      0 ms  started
                  → fork worker 1 (#1): the first worker
            0 ms  worker 1 (#1) exited with code 0
                  → announce giving up: more than 0 restarts within 60 s
                  → finish with code 1: every worker has stopped

      ms        |0
      worker 1  |.
      event     |1
                | ^

      . booting  : starting  # ready  - stopping
      x killed   _ waiting   = done   ^ violation
      "
    `)
    const svg = model.draw?.(moves, violation)
    expect(svg).toContain('class="bold">it gave up</text>')
    expect(svg).toMatch(
      /class="wrong bold">worker 1 \(#1\) exited with code 0<.*\n.*→ announce giving up/,
    )
  })

  test.each([1, 2, 7, 100])("finds the same if it holds only %i states", (mostHeld) => {
    const bounds = { mostWorkers: 1, timeSteps: [1], recycles: false, elects: false }
    const model = poolModel({ workers: 1, timeout: 1, respawnLimit: 1, backoff: false }, bounds)
    const found = (options = {}): unknown => explore(model, { ...options, clock: () => 0 })
    expect(found({ mostHeld, mostStates: 10_000 })).toEqual(found({ mostStates: 10_000 }))
    expect(explore(lamp({ endures: 3 }), { mostHeld }).counterexample?.moves).toHaveLength(4)
  })

  test("is no proof if a goal is never reached", () => {
    const { isProof, isComplete, uncovered } = explore(lamp({ goals: ["on", "as bright as day"] }))
    expect({ isProof, isComplete, uncovered }).toEqual({
      isProof: false,
      isComplete: true,
      uncovered: ["as bright as day"],
    })
  })

  test("finds the state from which it never recovers", () => {
    const { isProof, counterexample, slowestRecovery } = explore(lamp({ canBePlugged: false }))
    expect({ isProof, slowestRecovery }).toEqual({ isProof: false, slowestRecovery: Infinity })
    expect(counterexample).toEqual({
      violation: "from here it may never recover",
      moves: ["unplug"],
    })
  })

  test.each([255, 256, 10_240, 2 ** 40, 0.5])("reckons with moves that take %d", (duration) => {
    const model = lamp()
    const { recovery } = model
    if (recovery === undefined) throw new Error("A lamp has a recovery")
    const slow = { ...model, recovery: { ...recovery, duration: () => duration } }
    const { isProof, slowestRecovery } = explore(slow)
    expect({ isProof, slowestRecovery }).toEqual({
      isProof: 2 * duration <= recovery.bound,
      slowestRecovery: 2 * duration,
    })
  })

  test.each([Number.NaN, -1, Infinity])("refuses a move that takes %d", (duration) => {
    const model = lamp()
    const { recovery } = model
    if (recovery === undefined) throw new Error("A lamp has a recovery")
    const broken = { ...model, recovery: { ...recovery, duration: () => duration } }
    expect(() => explore(broken)).toThrow(
      'model: "recovery.duration" must return a number, 0 or more',
    )
  })

  test("finds what a model throws, with the shortest run to it", () => {
    expect(explore(throwingLamp()).counterexample).toMatchObject({
      violation: expect.stringContaining("it threw Error: [BUG] no light"),
      moves: ["unplug", "switch"],
    })
  })

  test("knows more moves of a state apart than fit into 16 bits", () => {
    const model = lamp()
    const many: typeof model = {
      ...model,
      moves: () => [...Array.from({ length: 2 ** 16 + 2 }, () => "wait" as const), "unplug"],
      next: (state, move) => ({
        ...model.next(state, move),
        violation: state.isPlugged ? undefined : "dark",
      }),
      recovery: undefined,
    }
    expect(explore(many).counterexample?.moves).toEqual(["unplug", "wait"])
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
    expect(seen.uncovered).toContain("fork-worker by restore")
  })

  test("measures how long it took with the given clock", () => {
    const times = [1_000, 3_500]
    expect(explore(lamp(), { clock: () => times.shift() ?? 0 }).seconds).toBe(2.5)
  })

  test.each([Number.NaN, 0, -1, "3"])("takes no bound of %s states", (mostStates) => {
    expect(() => explore(lamp(), { mostStates: mostStates as number })).toThrow(
      `explore: "mostStates" must be a positive integer`,
    )
  })

  test.each([0.25, 2 ** 32, "1"])(
    "refuses a model that writes %s: states would look alike",
    (word) => {
      const model = lamp()
      const broken: typeof model = {
        ...model,
        write: (_state, encoder) => encoder.write(word as number),
      }
      expect(() => explore(broken)).toThrow('model: "write" must write integers of 32 bits')
    },
  )

  test("proves a small pool, as in the documentation", () => {
    const options = {
      workers: 1,
      timeout: 2,
      respawnLimit: 1,
      respawnInterval: 2,
      backoff: false,
    } as const
    const bounds = {
      mostWorkers: 1,
      reloads: false,
      upgrades: false,
      recycles: false,
      elects: false,
      incidents: false,
    }
    const model = poolModel(options, { ...bounds, timeSteps: ["deadline"] })
    expect(explore(model, { mostStates: 100_000 }).isProof).toBe(true)
  })

  test("finds two workers that hold one lock, as in the documentation", () => {
    const { isProof, counterexample } = explore(lock)
    expect(isProof).toBe(false)
    expect(counterexample).toEqual({ violation: "both have taken it", moves: [0, 1, 0, 1] })
  })

  test("finds a state in which nothing can happen, and the shortest run to it", () => {
    const stuck: typeof lock = { ...lock, moves: (state) => (state[0] === 1 ? [] : [0]) }
    expect(explore(stuck).counterexample).toEqual({
      violation: "nothing can happen, and it is not over",
      moves: [0],
    })
  })

  test.each([
    [{ ...lock, moves: [] }, TypeError, `"model.moves" must be a function, got an array of 0`],
    [{ ...lock, identity: 1 }, TypeError, `"model.identity" must be a string, got 1`],
    [
      { ...lock, goals: Array.from({ length: 33 }, String) },
      RangeError,
      `"model.goals" must be a list of at most 32, got an array of 33`,
    ],
    [{ ...lock, recovery: 3 }, TypeError, `"model.recovery" must be an object, got 3`],
    [
      { ...lock, recovery: { ...lamp().recovery, bound: undefined } },
      TypeError,
      `"model.recovery.bound" must be a number, 0 or more, got undefined`,
    ],
    [
      { ...lock, recovery: { ...lamp().recovery, isWell: true } },
      TypeError,
      `"model.recovery.isWell" must be a function, got true`,
    ],
  ])("refuses an object that is no model", (model, Kind, rule) => {
    const given = model as typeof lock
    expect(() => explore(given)).toThrow(new Kind(`explore: ${rule}`))
    expect(() => simulate(given)).toThrow(new Kind(`simulate: ${rule}`))
  })

  test.each([
    [null, "null"],
    [{ workers: 4 }, "an object"],
  ])("refuses %o, and says how a model is made", (given, shown) => {
    expect(() => explore(given as unknown as typeof lock)).toThrow(
      new TypeError(`explore: takes a model, got ${shown}. Write explore(poolModel(options)).`),
    )
    expect(() => simulate(given as unknown as typeof lock)).toThrow(
      new TypeError(`simulate: takes a model, got ${shown}. Write simulate(poolModel(options)).`),
    )
  })

  test("refuses a model without an initial state", () => {
    const { initial: _, ...rest } = lock
    expect(() => explore(rest as typeof lock)).toThrow(
      new TypeError(`explore: "model.initial" must be the first state, got undefined`),
    )
  })

  test.each([
    [{ ...lock, moves: () => undefined }, `"moves" must return an array, got undefined`],
    [
      { ...lock, next: () => [0, 0] },
      `"next" must return an object with a "state", got an array of 2`,
    ],
    [
      { ...lock, next: () => undefined },
      `"next" must return an object with a "state", got undefined`,
    ],
  ])("stops if the model returns nothing to continue from", (model, rule) => {
    const given = model as unknown as typeof lock
    expect(() => explore(given)).toThrow(new TypeError(`model: ${rule}`))
    expect(() => simulate(given)).toThrow(new TypeError(`model: ${rule}`))
  })

  test("refuses a model that writes nothing of any state, but not one that writes nothing of the first", () => {
    expect(() => explore({ ...lock, write: () => undefined })).toThrow(
      new TypeError(
        `explore: "model.write" must write something of at least one of two states, got nothing`,
      ),
    )
    const { states, transitions } = explore(lock)
    const fromNothing: typeof lock = {
      ...lock,
      write(state, encoder) {
        if (state.some((far) => far > 0)) lock.write(state, encoder)
      },
    }
    expect(explore(fromNothing)).toMatchObject({ states, transitions })
  })

  test("refuses unknown options", () => {
    expect(() => explore(lock, { mostState: 3 } as object)).toThrow(
      new TypeError(`explore: unknown option "mostState". Did you mean "mostStates"?`),
    )
    expect(() => simulate(lock, { run: 3 } as object)).toThrow(
      new TypeError(`simulate: unknown option "run". Did you mean "runs"?`),
    )
  })
})

type State = readonly [number, number]

const lock: CompleteModel<State, 0 | 1> = {
  initial: [0, 0],
  moves: (state) => ([0, 1] as const).filter((who) => state[who] < 2),
  next(state, who) {
    const isTaken = state.includes(2)
    if (state[who] === 0 && isTaken) return { state, reached: 0 }
    const after: State = who === 0 ? [state[0] + 1, state[1]] : [state[0], state[1] + 1]
    const violation = after.every((far) => far === 2) ? "both have taken it" : undefined
    return { state: after, violation, reached: after.includes(2) ? 1 : 0 }
  },
  write: (state, encoder) => state.forEach((far) => encoder.write(far)),
  identity: "lock 1",
  describe: (who) => `worker ${who + 1} goes on`,
  format: (moves) => moves.map((who) => lock.describe(who)).join("\n"),
  keyOf: String,
  kindOf: () => "go on",
  classOf: () => "progress",
  isOver: (state) => state.includes(2),
  goals: ["somebody takes it"],
}
