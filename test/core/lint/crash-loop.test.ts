import { describe, expect, test } from "vitest"
import {
  intervalToGiveUpMs,
  respawnsWithinInterval,
  survivedLifeMs,
} from "../../../src/core/lint/crash-loop.ts"
import type { Plan } from "../../../src/core/index.ts"
import { crashLoop, planWith } from "./crash-loop.ts"
import { randomOf } from "../random-pool.ts"

/** With these, no wait has jitter, because the cap or the rounding removes it. */
const withoutJitter = [
  false,
  { min: 1, max: 1 },
  { min: 7, max: 7 },
  { min: 50, max: 50 },
  { min: 1, max: 2 },
  { min: 1, max: 4 },
  { min: 2, max: 4 },
] as const

const withJitter = [
  { min: 5, max: 40 },
  { min: 10, max: 1_000 },
  { min: 20, max: 35 },
] as const

function chooser(seed: number): <T>(choices: readonly T[]) => T {
  const random = randomOf(seed)
  return (choices) => choices[Math.floor(random() * choices.length)] as (typeof choices)[number]
}

function randomCrashLoop(
  seed: number,
  backoffs: readonly (false | { readonly min: number; readonly max: number })[],
): { readonly plan: Plan; readonly life: number } {
  const one = chooser(seed)
  const upTo = (most: number): number => one(Array.from({ length: most + 1 }, (_, n) => n))
  const options = {
    workers: 1 + upTo(3),
    respawnLimit: upTo(30),
    respawnInterval: 1 + upTo(300),
    backoff: one(backoffs),
  }
  return { plan: planWith(options, seed), life: upTo(20) }
}

/** Long enough for every slot to stay at the cap for several intervals. From then on, everything repeats. */
function longEnough({ respawnIntervalMs, backoff }: Plan, lifeMs: number): number {
  return 3 * respawnIntervalMs + 10 * (lifeMs + (backoff === false ? 0 : backoff.maxMs))
}

describe("survivedLifeMs()", () => {
  test("is exactly the shortest life at which the pool does not give up, without jitter", () => {
    const seen = { given: 0, survived: 0, edges: 0 }
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const { plan, life } = randomCrashLoop(seed, withoutJitter)
      const survived = survivedLifeMs(plan)
      for (const lifeMs of [life, Math.max(0, Math.min(survived, 500)), survived - 1]) {
        if (lifeMs < 0 || lifeMs > 500) continue
        const { gaveUpAt } = crashLoop(plan, lifeMs, longEnough(plan, lifeMs))
        expect(gaveUpAt !== undefined, `seed ${seed}, life ${lifeMs}`).toBe(lifeMs < survived)
        seen[lifeMs < survived ? "given" : "survived"] += 1
        if (Math.abs(lifeMs - survived) <= 1) seen.edges += 1
      }
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1_000)
  })

  test("is long enough for any jitter: no seed makes the pool give up on workers that live so long", () => {
    let survivals = 0
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const { plan, life } = randomCrashLoop(seed, withJitter)
      const lifeMs = Math.max(life, survivedLifeMs(plan))
      if (lifeMs > 500) continue
      survivals += 1
      expect(
        crashLoop(plan, lifeMs, longEnough(plan, lifeMs)).gaveUpAt,
        `seed ${seed}`,
      ).toBeUndefined()
    }
    expect(survivals).toBeGreaterThan(1_000)
  })

  test("is Infinity if one death of each worker exceeds the limit", () => {
    expect(survivedLifeMs(planWith({ workers: 3, respawnLimit: 2 }))).toBe(Infinity)
    expect(survivedLifeMs(planWith({ workers: 3, respawnLimit: 3 }))).toBe(59_900)
  })
})

describe("respawnsWithinInterval()", () => {
  test("is exactly the most respawns of a crash loop within an interval, without jitter", () => {
    for (let seed = 1; seed <= 600; seed += 1) {
      const { plan, life } = randomCrashLoop(seed, withoutJitter)
      const unlimited = { ...plan, respawnLimit: 200 }
      if (plan.backoff === false && life === 0) continue
      const { mostRespawns } = crashLoop(unlimited, life, longEnough(plan, life))
      const most = Math.min(respawnsWithinInterval(unlimited, life), 200)
      expect(mostRespawns, `seed ${seed}`).toBe(most)
    }
  })

  test("is exact for every interval that is about as long as the first waits", () => {
    for (const backoff of withoutJitter) {
      for (let respawnInterval = 1; respawnInterval <= 20; respawnInterval += 1) {
        for (const life of [1, 2, 3]) {
          const plan = planWith({ workers: 2, respawnLimit: 200, respawnInterval, backoff })
          const { mostRespawns } = crashLoop(plan, life, longEnough(plan, life))
          expect(mostRespawns).toBe(respawnsWithinInterval(plan, life))
        }
      }
    }
  })

  test("is at least the respawns of any crash loop with jitter", () => {
    for (let seed = 1; seed <= 600; seed += 1) {
      const { plan, life } = randomCrashLoop(seed, withJitter)
      const unlimited = { ...plan, respawnLimit: 200 }
      const { mostRespawns } = crashLoop(unlimited, life, longEnough(plan, life))
      expect(mostRespawns).toBeLessThanOrEqual(respawnsWithinInterval(unlimited, life))
    }
  })

  test("is ten per slot with the defaults, and Infinity if neither lives nor waits take time", () => {
    expect(respawnsWithinInterval(planWith({ workers: 1 }), 0)).toBe(10)
    expect(respawnsWithinInterval(planWith({ workers: 4 }), 0)).toBe(40)
    expect(respawnsWithinInterval(planWith({ backoff: false }), 0)).toBe(Infinity)
  })
})

describe("intervalToGiveUpMs()", () => {
  test("is the shortest interval in which the pool gives up", () => {
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const { plan, life } = randomCrashLoop(seed, withoutJitter)
      const respawnIntervalMs = intervalToGiveUpMs(plan, life)
      const enough = { ...plan, respawnIntervalMs }
      expect(crashLoop(enough, life, longEnough(enough, life)).gaveUpAt).toBeDefined()
      if (respawnIntervalMs === 1) continue
      const tooShort = { ...plan, respawnIntervalMs: respawnIntervalMs - 1 }
      expect(crashLoop(tooShort, life, longEnough(tooShort, life)).gaveUpAt).toBeUndefined()
    }
  })
})

describe("the defaults", () => {
  const tenMinutes = 600_000

  test.each([1, 2, 5, 16])(
    "make a pool of %i workers give up if all die within 3.6 s, and never if they live 4.4 s, for any jitter",
    (workers) => {
      expect(survivedLifeMs(planWith({ workers }))).toBe(4_313)
      for (let seed = 1; seed <= 50; seed += 1) {
        const plan = planWith({ workers }, seed)
        expect(crashLoop(plan, 0, tenMinutes).gaveUpAt).toBeDefined()
        expect(crashLoop(plan, 3_600, tenMinutes).gaveUpAt).toBeDefined()
        expect(crashLoop(plan, 4_400, tenMinutes).gaveUpAt).toBeUndefined()
      }
    },
  )
})
