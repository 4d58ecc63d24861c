import { expect, test } from "vitest"
import { describeDue, type Command, nextDeadline, nextDue, step } from "../../src/core/index.ts"
import { PoolInSteps } from "./pool-in-steps.ts"
import { RandomPool, randomPlan } from "./random-pool.ts"

/** What is due next, in words. */
function why({ state }: PoolInSteps): string | undefined {
  const due = nextDue(state)
  return due === null ? undefined : `${due.at}: ${describeDue(due)}`
}

test("nextDue() is null if only an event can change anything", () => {
  const pool = new PoolInSteps()
  expect(why(pool)).toBeUndefined()
  pool.run()
  expect(why(pool)).toBeUndefined()
})

test("nextDue() names a respawn, and which attempt it is", () => {
  const pool = new PoolInSteps({ workers: 1, backoff: { min: 200, max: 20_000 } }).run()
  pool.exit(1, 1)
  pool.exit(1, 1)
  expect(why(pool)).toMatch(/^2[0-4]\d: worker 1 is restarted for the 2nd time in a row$/)
})

test("nextDue() names the fork that restores a slot", () => {
  const pool = new PoolInSteps({ workers: 2 }).run()
  pool.signalWorker(2, "SIGINT")
  pool.scale(1)
  pool.scale(2)
  pool.exit(2, 0)
  expect(why(pool)).toBe(
    "250: worker 2 is started: scaled up again while its previous worker was stopping",
  )
})

test("nextDue() names the kill of a worker that was asked to stop", () => {
  const pool = new PoolInSteps({ workers: 2, timeout: 700 }).run()
  pool.scale(1)
  expect(why(pool)).toBe("700: worker 2 (#2) is killed unless it stops")
})

test("nextDue() names the start timeout of a worker, and its heartbeat timeout once it is ready", () => {
  const pool = new PoolInSteps({ workers: 1, startTimeout: 500, heartbeatTimeout: 900 })
  pool.start()
  expect(why(pool)).toBe("500: worker 1 (#1) is killed unless it becomes ready")
  pool.pass(100)
  pool.ready(1)
  expect(why(pool)).toBe("1225: worker 1 (#1) is killed unless it sends a heartbeat")
})

test("nextDue() names the recycling of a worker", () => {
  const pool = new PoolInSteps({ workers: 1, recycle: { maxAge: 60_000 } }).run()
  expect(why(pool)).toMatch(/^\d{5}: worker 1 \(#1\) is recycled, new before old$/)
})

test("nextDue() names the earliest of several recyclings, and the oldest worker of those due at once", () => {
  const pool = new PoolInSteps({ workers: 3 }, { requestHoldMs: 100 })
  const ask = (id: number): unknown =>
    pool.tell({ type: "worker-asked-for-replacement", worker: pool.worker(id) })
  const due = (): unknown => nextDue(pool.state)
  pool.start()
  pool.ready(2)
  pool.now = 10
  pool.ready(1)
  pool.ready(3)
  ask(3)
  expect(due()).toMatchObject({ at: 110, what: "recycling", slot: { id: 3 } })
  ask(1)
  expect(due()).toMatchObject({ at: 110, what: "recycling", slot: { id: 1 } })
  ask(2)
  expect(due()).toMatchObject({ at: 100, what: "recycling", slot: { id: 2 } })
  pool.exit(2, 1)
  pool.exit(1, 1)
  expect(due()).toMatchObject({ at: 110, what: "recycling", slot: { id: 3 } })
})

test("nextDue() names no recycling while a reload runs or the pool stops", () => {
  const pool = new PoolInSteps({ workers: 2, timeout: 90_000 }, { requestHoldMs: 100 }).run()
  pool.tell({ type: "worker-asked-for-replacement", worker: pool.worker(2) })
  pool.reload()
  expect(nextDue(pool.state)).toMatchObject({ at: 30_000, what: "timeout" })
  const other = new PoolInSteps({ workers: 2, timeout: 90_000 }, { requestHoldMs: 100 }).run()
  other.tell({ type: "worker-asked-for-replacement", worker: other.worker(2) })
  other.signal("SIGTERM")
  expect(nextDue(other.state)).toMatchObject({ at: 90_000, what: "kill" })
})

test("nextDue() names the end of a probation", () => {
  const pool = new PoolInSteps({ workers: 1, reload: { minReadyTime: 300 } }).run()
  pool.reload()
  pool.ready("1+")
  expect(why(pool)).toBe("300: the replacement is accepted, and the old worker is asked to stop")
})

test("nextDue() names the end of a pool if the exits of killed workers are not reported", () => {
  const pool = new PoolInSteps({ workers: 1, timeout: 100 }).run()
  pool.signal("SIGTERM")
  pool.pass(100)
  expect(why(pool)).toBe("5100: the pool is done, even if exits of killed workers are not reported")
})

test("nextDue() names what the next deadline does, in random pools", () => {
  const seen = new Map<string, number>()
  for (let seed = 1; seed <= 1_500; seed += 1) {
    const plan = {
      ...randomPlan(seed),
      heartbeatTimeoutMs: seed % 2 === 0 ? 150 : (false as const),
    }
    const pool = new RandomPool(plan, seed)
    for (let count = 0; count < 250; count += 1) {
      const event = pool.nextEvent()
      if (event === undefined) break
      pool.take(event)
      const due = nextDue(pool.state)
      // The message is built on failure only: there are hundreds of thousands of these checks.
      if ((due?.at ?? null) !== nextDeadline(pool.state)) {
        expect.fail(`seed ${seed}, event ${count}: ${nextDeadline(pool.state)} is not ${due?.at}`)
      }
      if (due === null || due.at < event.at) continue
      seen.set(due.what, (seen.get(due.what) ?? 0) + 1)
      const { commands, state } = step(plan, pool.state, { type: "deadline-reached", at: due.at })
      const isGiven = (type: Command["type"], id?: number): boolean =>
        commands.some(
          (command) =>
            command.type === type && (!("worker" in command) || command.worker.slot === id),
        )
      const isFilled = (id: number): boolean =>
        isGiven("fork-worker", id) || isGiven("run-worker", id)
      const isDone =
        due.what === "fork"
          ? isFilled(due.slot.id) || isGiven("announce-give-up")
          : due.what === "recycling"
            ? isFilled(due.slot.id)
            : due.what === "spare"
              ? isGiven("fork-worker", 0)
              : due.what === "finish"
                ? isGiven("finish")
                : due.what === "acceptance"
                  ? state.replacements.every(({ acceptAt }) => acceptAt !== due.at)
                  : due.what === "incident"
                    ? isGiven("announce-incident")
                    : due.what === "successor"
                      ? state.successor?.dueAt !== due.at
                      : due.what === "stop"
                        ? isGiven("announce-stop")
                        : isGiven(
                            due.what === "signal" ? "stop-worker" : "kill-worker",
                            due.process.slot,
                          )
      if (!isDone) expect.fail(`seed ${seed}, event ${count}: not done: ${describeDue(due)}`)
    }
  }
  const known = ["fork", "kill", "timeout", "recycling", "acceptance", "finish", "incident"]
  for (const what of known) {
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(10)
  }
})
