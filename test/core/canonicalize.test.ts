import { expect, test } from "vitest"
import {
  type Command,
  type Event,
  nextDeadline,
  type Plan,
  type State,
  step,
  type WorkerRef,
} from "../../src/core/index.ts"
import { canonicalize } from "./canonicalize.ts"
import { PoolInSteps } from "./pool-in-steps.ts"
import { RandomPool, randomPlan } from "./random-pool.ts"

/** The same event, with the time and the incarnations of the canonical state. A dead process gets 0, which no process has. */
function renamed(event: Event, now: number, names: ReadonlyMap<number, number>): Event {
  const at = event.at - now
  if (!("worker" in event)) return { ...event, at }
  const incarnation = names.get(event.worker.incarnation) ?? 0
  return { ...event, at, worker: { ...event.worker, incarnation } }
}

/** The same commands, with the incarnations of the canonical state. New forks continue from its own highest one. */
function renamedCommands(
  commands: readonly Command[],
  names: ReadonlyMap<number, number>,
  shift: number,
): readonly Command[] {
  return commands.map((command) => {
    const rename = ({ slot, incarnation }: WorkerRef): WorkerRef => ({
      slot,
      incarnation: names.get(incarnation) ?? incarnation - shift,
    })
    // The canonical form forgets what is reported only.
    if (command.type === "announce-incident") {
      const slots = command.reason.slots.toSorted((one, other) => one - other)
      const { rule, of } = command.reason
      const common = { code: null, signal: null, killed: false, uptime: "mixed" } as const
      return { ...command, reason: { rule, slots, of, withinMs: 0, ...common } }
    }
    if (command.type === "announce-reload" && "worker" in command.reason) {
      return { ...command, reason: { ...command.reason, worker: rename(command.reason.worker) } }
    }
    return "worker" in command ? { ...command, worker: rename(command.worker) } : command
  })
}

test("canonicalize() before a step leads to the same state as after it, in random pools", () => {
  const seen = { steps: 0, done: 0, stalls: 0, late: 0, reloads: 0 }
  for (let seed = 1; seed <= 900; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed, [0, 40, 450][seed % 3])
    const { plan } = pool
    for (let count = 0; count < 150; count += 1) {
      const before = pool.state
      const beforeAt = pool.now
      const event = pool.nextEvent()
      if (event === undefined) break
      const canonical = canonicalize(plan, before, beforeAt)
      const same = renamed(event, beforeAt, canonical.renamed)
      const deadline = nextDeadline(before)
      const text = `seed ${seed}, event ${count}: ${JSON.stringify(event)}`

      const commands = pool.take(event)
      const after = step(plan, canonical.state, same)
      expect(canonicalize(plan, after.state, same.at).state, text).toEqual(
        canonicalize(plan, pool.state, event.at).state,
      )
      const shift = before.nextIncarnation - canonical.state.nextIncarnation
      expect(renamedCommands(after.commands, new Map(), 0), text).toEqual(
        renamedCommands(commands, canonical.renamed, shift),
      )

      seen.steps += 1
      if (pool.state.reload !== null) seen.reloads += 1
      if (pool.state.phase === "done") seen.done += 1
      if (event.type === "deadline-reached" && deadline !== null) {
        if (event.at - deadline >= plan.stallMs) seen.stalls += 1
        else if (event.at > deadline) seen.late += 1
      }
    }
  }
  expect(seen.steps).toBeGreaterThan(50_000)
  expect(seen.done).toBeGreaterThan(100)
  expect(seen.stalls).toBeGreaterThan(100)
  expect(seen.late).toBeGreaterThan(100)
  expect(seen.reloads).toBeGreaterThan(2_000)
})

test("canonicalize() is idempotent, and keeps nothing that grows", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const pool = new RandomPool(randomPlan(seed), seed, [0, 40, 450][seed % 3])
    const { plan } = pool
    for (let count = 0; count < 100; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      pool.take(event)
      const { state } = canonicalize(plan, pool.state, pool.now)
      expect(canonicalize(plan, state, 0).state).toEqual(state)
      expect(leftovers(plan, state), `seed ${seed}, event ${count}`).toEqual([])
    }
  }
})

/** What a canonical state should have forgotten, or capped. */
function leftovers(plan: Plan, state: State): string[] {
  const found: string[] = []
  const check = (isFine: boolean, what: string): void => void (isFine || found.push(what))
  check(
    state.respawnedAt.every((at) => at > -plan.respawnIntervalMs),
    "a respawn that no longer counts",
  )
  check(state.respawnedAt.length === 0 || plan.respawnLimit !== Infinity, "respawns without limit")
  check((state.stop?.finishAt ?? 0) >= -plan.stallMs, "an old end")
  const most =
    plan.backoff === false ? 0 : Math.ceil(Math.log2(plan.backoff.maxMs / plan.backoff.minMs)) + 1
  for (const slot of state.slots) {
    if (slot.state === "finished") continue
    check(slot.attempt <= most, `attempt ${slot.attempt}`)
    if (slot.state === "waiting") {
      check(slot.forkAt >= -plan.stallMs, "an old fork")
      continue
    }
    const { readyAt, timeoutAt, stop, killed } = slot.worker
    check(
      slot.forkNotBefore === null || slot.forkNotBefore > 0,
      "a group signal window that is over",
    )
    const oldest = Math.max(
      plan.stablePeriodMs,
      plan.minReadyMs,
      plan.recycleHoldMs,
      plan.requestHoldMs,
    )
    check((readyAt ?? 0) >= -oldest, "an age beyond stable")
    check((timeoutAt ?? 0) >= -plan.stallMs, "an old timeout")
    check((slot.worker.recycling?.at ?? 0) >= -plan.stallMs, "an old recycling")
    check((stop?.killAt ?? 0) >= -plan.stallMs, "an old kill time")
    const isBooting = slot.worker.phase === "booting"
    check(!killed || isBooting || stop === null, "why a killed worker had to stop")
    check(!isBooting || stop === null || stop.killAt === 0, "when a booting worker had to stop")
  }
  return found
}

test("canonicalize() gives one state for situations that differ only in age and incarnations", () => {
  const situations = [
    { startedAt: 0, crashes: 0 },
    { startedAt: 7_000, crashes: 3 },
  ].map(({ startedAt, crashes }) => {
    const pool = new PoolInSteps({ workers: 2, backoff: false })
    pool.now = startedAt
    pool.start()
    for (let count = 0; count < crashes; count += 1) pool.exit(1, 1)
    pool.exit(2, 1)
    pool.ready(1)
    pool.ready(2)
    pool.pass(100_000 + startedAt)
    return canonicalize(pool.plan, pool.state, pool.now).state
  })
  expect(situations[0]).toEqual(situations[1])
})
