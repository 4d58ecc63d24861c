import { describe, expect, test, vi } from "vitest"
import {
  type Model,
  type PoolMove,
  poolModel,
  type PoolWorld,
  replay,
  simulate,
  SimulationError,
} from "../../../src/fake.ts"
import { textOf } from "../../../src/proof/simulate/replay.ts"
import { lamp, type LampMove, throwingLamp } from "../lamp.ts"

/** The error of a simulation. */
function failureOf(act: () => unknown): SimulationError {
  try {
    act()
  } catch (error) {
    if (error instanceof SimulationError) return error
    throw error
  }
  throw new Error("it did not fail")
}

/** A pool that is taken to be wrong once it gives up. */
function wrongToGiveUp(): Model<PoolWorld, PoolMove> {
  const model = poolModel({ workers: 1, respawnLimit: 0 })
  return {
    ...model,
    next(world, move) {
      const next = model.next(world, move)
      return next.state.history.gaveUp ? { ...next, violation: "rule 99: it gave up" } : next
    },
  }
}

const endless = { ...lamp(), recovery: undefined }
const endsUnplugged: typeof endless.moves = (state) => (state.isPlugged ? endless.moves(state) : [])

describe("simulate()", () => {
  test("finds nothing wrong with pools, and reaches every goal", () => {
    const model = poolModel({ workers: 3, startTimeout: 10_000, respawn: "on-failure" })
    const { runs, events, simulatedMs, uncovered } = simulate(model, { runs: 1_000 })
    expect({ runs, uncovered }).toEqual({ runs: 1_000, uncovered: [] })
    expect(events).toBeGreaterThan(50_000)
    expect(simulatedMs).toBeGreaterThan(24 * 3_600_000)
  })

  test("does the same with the same seed, and something else with another", () => {
    const model = poolModel({ workers: 2 })
    const first = simulate(model, { runs: 20, seed: 7 })
    expect(simulate(model, { runs: 20, seed: 7 })).toEqual(first)
    expect(simulate(model, { runs: 20, seed: 8 }).trace).not.toBe(first.trace)
  })

  test("calls a spy that replaces a function of the model", () => {
    const model = { ...poolModel({ workers: 1 }), recovery: undefined }
    const moves = vi.spyOn(model, "moves").mockImplementation(() => [])
    expect(simulate(model, { runs: 3 }).events).toBe(0)
    expect(moves).toHaveBeenCalled()
  })

  test("replays what happens to one of two processes in a slot", () => {
    const model = poolModel({ workers: 1 }, { recycles: false, scales: false, mostWorkers: 1 })
    const failing: typeof model = {
      ...model,
      next(world, move) {
        const next = model.next(world, move)
        const isSecond = move.type === "worker-exited" && move.worker.incarnation === 2
        const isBeside = world.history.living.some(({ incarnation }) => incarnation === 1)
        return isSecond && isBeside ? { ...next, violation: "rule 99: #2 ended beside #1" } : next
      },
    }
    const {
      violation,
      replay: text,
      transcript,
    } = failureOf(() => simulate(failing, { runs: 500 }))
    expect(transcript).toContain("worker 1 (#2) exited")
    expect(replay(failing, text)).toMatchObject({ violation, transcript })
  })

  test("takes a list of moves that the model writes to again and again", () => {
    const moves: LampMove[] = []
    const reusing: typeof endless = {
      ...endless,
      moves(state) {
        moves.splice(0, moves.length, ...endless.moves(state))
        return moves
      },
    }
    expect(simulate(reusing, { runs: 30 })).toEqual(simulate(endless, { runs: 30 }))
  })

  test("fails with the shortest run, its seed, and the text that replays it", () => {
    const model = lamp({ endures: 3 })
    const failure = failureOf(() => simulate(model))
    expect(failure.violation).toBe("rule 1: it broke")
    expect(failure.transcript).toBe("switch, switch, switch, switch")
    expect(failure.message).toContain(`(seed ${failure.seed})`)
    expect(failure.message).toContain(`replay: ${failure.replay}`)
    expect(replay(model, failure.replay)).toEqual({
      violation: "rule 1: it broke",
      transcript: "switch, switch, switch, switch",
    })
  })

  test("fails if a run does not recover after faults have ended", () => {
    const { violation, transcript } = failureOf(() => simulate(lamp({ canBePlugged: false })))
    expect(violation).toBe("it never recovers")
    expect(transcript).toContain("unplug")
  })

  /** Where two can be waited for, only one of them makes it well, and chance takes either. */
  function slowToHeal(bound: number): ReturnType<typeof lamp> {
    const model = lamp()
    return {
      ...model,
      recovery: {
        isWell: ({ isOn }) => isOn,
        fairMoves: ({ isPlugged }, moves) =>
          [...moves.keys()].filter((index) =>
            ["wait", isPlugged ? "switch" : "plug"].includes(moves[index] ?? ""),
          ),
        duration: () => 1,
        bound,
      },
    }
  }

  test("shows what happened until the run should have recovered, and a replay shows the same", () => {
    const model = slowToHeal(9)
    const failures = Array.from({ length: 40 }, (_, index) =>
      failureOf(() => simulate(model, { runs: 5_000, seed: 1 + 5_000 * index, steps: 3 })),
    )
    for (const { violation, transcript, replay: text } of failures) {
      expect(violation).toBe("it did not recover within 9")
      expect(transcript).toMatch(/(wait, ){9}/)
      expect(transcript).toContain("moves were made after faults had ended.")
      expect(replay(model, text)).toMatchObject({ violation, transcript })
    }
  })

  test("reports a violation that comes after faults have ended as part of the run", () => {
    const model = lamp()
    const breaks: typeof model = {
      ...model,
      moves: (state) => model.moves(state).filter((move) => state.isPlugged || move === "plug"),
      next(state, move) {
        const next = model.next(state, move)
        return move === "plug" ? { ...next, violation: "rule 1: a spark" } : next
      },
    }
    const { violation, transcript, replay: text } = failureOf(() => simulate(breaks, { steps: 1 }))
    expect({ violation, transcript }).toEqual({
      violation: "rule 1: a spark",
      transcript: "unplug, plug",
    })
    expect(replay(breaks, text)).toMatchObject({ violation, transcript })
  })

  test("takes what a model throws for a violation, with the run that leads there", () => {
    const { violation, transcript } = failureOf(() => simulate(throwingLamp()))
    expect(violation).toMatch(/^it threw Error: \[BUG\] no light/)
    expect(transcript).toBe("unplug, switch")
  })

  test("ends a run if nothing can happen", () => {
    const model: typeof endless = { ...endless, moves: endsUnplugged }
    const { runs, events } = simulate(model, { runs: 20, steps: 300 })
    expect({ runs, isShort: events < 20 * 300 }).toEqual({ runs: 20, isShort: true })
  })

  test("draws a failing run with its violation, and a replay draws the same", () => {
    const model = wrongToGiveUp()
    const { message, violation, replay: text, svg } = failureOf(() => simulate(model))
    expect(violation).toBe("rule 99: it gave up")
    expect(message).toMatch(/\nworker 1 {2}\|.+\nevent {5}\|1.*\n {10}\| +\^\n/)
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/s)
    expect(svg).toContain('class="bold">rule 99: it gave up</text>')
    expect(svg).toContain("here it goes wrong")
    expect(svg).toContain("→ announce giving up: more than 0 restarts within 60 s")
    expect(replay(model, text)).toEqual({
      violation,
      transcript: expect.stringContaining("^"),
      svg,
    })
  })

  test("marks nothing in a replay that no longer fails", () => {
    const { replay: text } = failureOf(() => simulate(wrongToGiveUp()))
    const { violation, transcript, svg } = replay(poolModel({ workers: 1, respawnLimit: 0 }), text)
    expect(violation).toBeUndefined()
    expect(transcript).not.toContain("^")
    expect(svg).not.toContain("goes wrong")
  })

  test("has no picture if the model draws none", () => {
    expect(failureOf(() => simulate(lamp({ endures: 3 }))).svg).toBeUndefined()
  })

  test.each([Number.NaN, Infinity, 0.5, 2 ** 53, "3", {}])("takes no seed %s", (seed) => {
    const options = { seed } as { seed: number }
    expect(() => simulate(lamp(), options)).toThrow(`"seed" must be an integer, got`)
  })

  test.each([0, -1, 2 ** 40])("takes the seed %d", (seed) => {
    expect(simulate(lamp(), { runs: 2, steps: 10, seed }).events).toBeGreaterThanOrEqual(20)
  })

  test("counts the moves of the recovery, too", () => {
    const { events, simulatedMs } = simulate(lamp(), { runs: 50, steps: 1 })
    expect(events).toBeGreaterThan(50)
    expect(simulatedMs).toBeGreaterThan(events - 50)
  })

  test.each([0, -1, 1.5, Number.NaN])("takes no %s runs", (runs) => {
    expect(() => simulate(lamp(), { runs })).toThrow(
      new RangeError(`simulate: "runs" must be a positive integer, got ${runs}`),
    )
  })
})

describe("replay()", () => {
  const model = lamp({ endures: 3 })
  const { replay: text } = failureOf(() => simulate(model))

  test.each([
    ["", 'replay: the text must begin with kamisama-replay-3, got ""'],
    ["rubbish", 'replay: the text must begin with kamisama-replay-3, got "rubbish"'],
    [
      text.replace("replay-3", "replay-9"),
      "replay: the text must be of this version (kamisama-replay-3)",
    ],
    [
      textOf(model.identity, [0, 0, 35 * 36 + 35]),
      'replay: move 3 must be one that is possible there, got "zz"',
    ],
    [`${text}-1`, "replay: the text must be complete"],
    [`${text}.0`, "replay: the text must be complete"],
  ])("refuses %j", (given, message) => {
    expect(() => replay(model, given)).toThrow(message)
  })

  test("refuses a text that is not whole", () => {
    for (let length = 1; length < text.length; length += 1) {
      expect(() => replay(model, text.slice(0, length))).toThrow(TypeError)
    }
  })

  test("takes the line that was printed", () => {
    expect(replay(model, `replay: ${text}\n`).violation).toBe("rule 1: it broke")
  })

  test.each([undefined, null, 3])("refuses %s", (given) => {
    expect(() => replay(lamp(), given as unknown as string)).toThrow(
      `replay: the text must be a string, got ${String(given)}`,
    )
  })

  test("refuses a text that was made with other options", () => {
    expect(() => replay(lamp({ endures: 4 }), text)).toThrow(
      "replay: the text was made with other options",
    )
  })
})

describe("poolModel() refuses", () => {
  const counts =
    'RangeError: poolModel: "mostWorkers" must be an integer from "workers" (2) to 10000'
  const ms = "must be a whole number of milliseconds from 0 to 2147483647"
  const step = 'must be "deadline" or a whole number of milliseconds from 1 to 2147483647'

  test.each([
    [{ mostWorkers: Infinity }, `${counts}, got Infinity`],
    [{ mostWorkers: 1 }, `${counts}, got 1`],
    [{ latenessMs: Number.NaN }, `RangeError: poolModel: "latenessMs" ${ms}, got NaN`],
    [{ latenessMs: -1 }, `RangeError: poolModel: "latenessMs" ${ms}, got -1`],
    [
      { timeSteps: [] },
      'RangeError: poolModel: "timeSteps" must be a list of at least one time step, got an array of 0',
    ],
    [
      { timeSteps: 5 },
      'TypeError: poolModel: "timeSteps" must be a list of at least one time step, got 5',
    ],
    [{ timeSteps: [1, 0] }, `RangeError: poolModel: "timeSteps[1]" ${step}, got 0`],
    [{ timeSteps: ["x"] }, `RangeError: poolModel: "timeSteps[0]" ${step}, got "x"`],
    [{ timeSteps: [true] }, `TypeError: poolModel: "timeSteps[0]" ${step}, got true`],
    [{ scales: 1 }, 'TypeError: poolModel: "scales" must be true or false, got 1'],
    [
      { mostWorker: 3 },
      'TypeError: poolModel: unknown option "mostWorker". Did you mean "mostWorkers"?',
    ],
  ])("%o", (bounds, message) => {
    let error: unknown
    try {
      poolModel({ workers: 2 }, bounds as object)
    } catch (thrown) {
      error = thrown
    }
    expect(String(error)).toBe(message)
  })

  test("more workers than any simulated pool has", () => {
    expect(() => poolModel({ workers: 10_001 })).toThrow(
      new RangeError('poolModel: "workers" must be an integer from 1 to 10000, got 10001'),
    )
  })
})
