import { describe, expect, test } from "vitest"
import { describeFault, endsLife, faultKinds, faultsWithin } from "../../soak/plan.ts"

const tenMinutesMs = 600_000

describe("faultsWithin()", () => {
  test("gives the same faults for the same seed", () => {
    expect(faultsWithin(7, 4, tenMinutesMs)).toEqual(faultsWithin(7, 4, tenMinutesMs))
  })

  test("gives the beginning of a longer sequence for a shorter time", () => {
    const short = faultsWithin(7, 4, 60_000)
    expect(short.length).toBeGreaterThan(100)
    expect(faultsWithin(7, 4, tenMinutesMs).slice(0, short.length)).toEqual(short)
  })

  test.for([
    [1, 2],
    [2, 3],
    [1, 2 ** 31],
  ] as const)("gives different faults for different seeds: %d and %d", ([one, other]) => {
    expect(faultsWithin(one, 4, 10_000)).not.toEqual(faultsWithin(other, 4, 10_000))
  })

  test.for([1, 2, 3, 4, 5])("has every kind of fault within ten minutes with seed %d", (seed) => {
    const faults = faultsWithin(seed, 4, tenMinutesMs)
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds))
    expect(faults.length).toBeGreaterThan(3_000)
  })

  test("gives targets of at least 1, and durations in the range of the kind", () => {
    for (const { target, kind, forMs } of faultsWithin(1, 4, tenMinutesMs)) {
      expect(target).toBeGreaterThanOrEqual(1)
      expect(target).toBeLessThan(8)
      if (kind === "suspend") expect(forMs).toBeGreaterThanOrEqual(5_000)
      if (kind === "suspend briefly") expect(forMs).toBeLessThan(600)
    }
  })
})

describe("endsLife()", () => {
  test("is true for faults that stop the pool or kill its primary", () => {
    expect(faultKinds.filter(endsLife)).toEqual(["stop", "stop twice", "interrupt", "kill primary"])
  })
})

describe("describeFault()", () => {
  test("names what matters for the kind of fault", () => {
    const drawn = { afterMs: 7, which: 12, forMs: 300, target: 3, breakage: "dies" } as const
    const described = (["kill", "suspend", "scale", "reload broken", "stop"] as const).map((kind) =>
      describeFault({ ...drawn, kind }),
    )
    expect(described).toEqual([
      "+  7 ms kill, worker 12",
      "+  7 ms suspend, worker 12, 300 ms",
      "+  7 ms scale, to 3",
      "+  7 ms reload broken, dies",
      "+  7 ms stop",
    ])
  })
})
