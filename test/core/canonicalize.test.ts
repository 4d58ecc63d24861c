import { expect, test } from "vitest"
import { canonicalize, type Event, type State, step } from "../../src/core/index.ts"
import { RandomPool, randomPlan } from "./random-pool.ts"

/** The same event, in the time and with the names of the canonical state. */
function renamed(event: Event, now: number, names: ReadonlyMap<number, number>): Event | undefined {
  const at = event.at - now
  if (!("worker" in event)) return { ...event, at }
  const incarnation = names.get(event.worker.incarnation)
  return incarnation === undefined
    ? undefined
    : { ...event, at, worker: { ...event.worker, incarnation } }
}

test("canonicalize() before a step gives the same as after it, whatever happened and happens", () => {
  let steps = 0
  let phases = ""
  for (let seed = 1; seed <= 600; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed)
    for (let count = 0; count < 200; count += 1) {
      const before = pool.state
      const beforeAt = pool.now
      const event = pool.nextEvent()
      if (event === undefined) break
      const canonical = canonicalize(pool.plan, before, beforeAt)
      const same = renamed(event, beforeAt, canonical.renamed)
      pool.take(event)
      // A report about a process that no longer lives has no name in the canonical state, and changes nothing.
      if (same === undefined) continue
      const direct = canonicalize(pool.plan, pool.state, event.at).state
      const { state } = step(pool.plan, canonical.state, same)
      const after = canonicalize(pool.plan, state, same.at).state
      expect(after, `seed ${seed}, event ${JSON.stringify(event)}`).toEqual(direct)
      steps += 1
      phases += state.phase === "done" ? "d" : ""
    }
  }
  expect(steps).toBeGreaterThan(20_000)
  expect(phases.length).toBeGreaterThan(100)
})

test("canonicalize() is idempotent", () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed)
    for (let count = 0; count < 100; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      pool.take(event)
      const once: State = canonicalize(pool.plan, pool.state, pool.now).state
      expect(canonicalize(pool.plan, once, 0).state).toEqual(once)
    }
  }
})

test("canonicalize() makes one of situations that differ only in age and names", () => {
  const situations = [0, 7_000].map((shift) => {
    const plan = randomPlan(0)
    let state: State = { ...new RandomPool(plan, 1).state }
    const tell = (event: Event): void => {
      state = step(plan, state, event).state
    }
    tell({ type: "started", at: shift })
    for (const incarnation of [1, 2]) {
      const worker = { slot: incarnation, incarnation }
      tell({ type: "worker-said-hello", worker, at: shift + 10 })
      tell({ type: "worker-became-ready", worker, at: shift + 10 + incarnation })
    }
    return canonicalize(plan, state, shift + 100_000 + shift).state
  })
  expect(situations[0]).toEqual(situations[1])
})
