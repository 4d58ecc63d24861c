import { describe, expect, test } from "vitest"
import { describeReason, type Command } from "../../src/core/index.ts"
import { PoolInSteps } from "./pool-in-steps.ts"

/** Lets time pass. @returns the incidents that are reported by then. */
function reportedBy(pool: PoolInSteps, ms = 5_000): string[] {
  const texts: string[] = []
  const end = pool.now + ms
  while (pool.now < end) {
    pool.now += 100
    texts.push(...incidentsIn(pool.tell({ type: "deadline-reached" })))
  }
  return texts
}

function incidentsIn(commands: readonly Command[]): string[] {
  return commands.flatMap(({ type, reason }) =>
    type === "announce-incident" ? [describeReason(reason)] : [],
  )
}

/** Four workers that have been ready for a second. If they die, they are respawned much later. */
function fourReady(options = {}): PoolInSteps {
  const backoff = { min: 60_000, max: 60_000 }
  const pool = new PoolInSteps({ workers: 4, backoff, ...options }).run()
  pool.pass(1_000)
  return pool
}

describe("workers that fail together", () => {
  test("are reported once, a second after the first failure, with what they have in common", () => {
    const pool = fourReady()
    pool.exit(2, null, "SIGKILL")
    pool.pass(20)
    pool.exit(4, null, "SIGKILL")
    pool.pass(300)
    pool.exit(1, null, "SIGKILL")
    expect(pool.state.incident).toMatchObject({ firstAt: 1_000, reportAt: 2_000 })
    expect(pool.pass(679)).toEqual([])
    expect(pool.pass(1)).toEqual(["announce incident"])
    expect(pool.state.incident).toBeNull()
    expect(reportedBy(pool)).toEqual([])
  })

  test("are reported with the rule and its figures", () => {
    const pool = fourReady()
    pool.exit(3, 7)
    pool.pass(250)
    pool.exit(1, 7)
    pool.exit(2, 7)
    pool.now = 2_000
    expect(pool.tell({ type: "deadline-reached" })).toEqual([
      {
        type: "announce-incident",
        reason: {
          rule: "correlated-failures",
          slots: [3, 1, 2],
          of: 4,
          withinMs: 250,
          code: 7,
          signal: null,
          killed: false,
          uptime: { leastMs: 1_000, mostMs: 1_250 },
        },
      },
    ])
  })

  test.each([
    { workers: 2, deaths: 1, isReported: false },
    { workers: 2, deaths: 2, isReported: true },
    { workers: 3, deaths: 2, isReported: true },
    { workers: 4, deaths: 2, isReported: false },
    { workers: 4, deaths: 3, isReported: true },
    { workers: 1, deaths: 1, isReported: false },
  ])(
    "are reported if they are more than half: $deaths of $workers, $isReported",
    ({ workers, deaths, isReported }) => {
      const pool = fourReady({ workers })
      for (let id = 1; id <= deaths; id += 1) pool.exit(id, 1)
      expect(reportedBy(pool)).toHaveLength(isReported ? 1 : 0)
    },
  )

  test("must be workers of several slots, however often one of them fails", () => {
    const pool = new PoolInSteps({ workers: 2, backoff: false }).run()
    pool.exit(1, 1)
    pool.exit(1, 1)
    expect(reportedBy(pool)).toEqual([])
    pool.exit(1, 1)
    pool.exit(1, 1)
    pool.exit(2, 1)
    expect(reportedBy(pool)).toEqual(["2 of 2 workers failed at once, all with exit code 1"])
  })

  test("must fail within a second of the first failure, after which another incident begins", () => {
    const pool = fourReady({ workers: 2, backoff: { min: 10, max: 10 } })
    pool.exit(1, 1)
    pool.pass(1_000)
    pool.exit(2, 1)
    pool.pass(999)
    pool.exit(1, 1)
    expect(reportedBy(pool)).toEqual(["2 of 2 workers failed within 1 s, all with exit code 1"])
  })

  test("are still reported as one incident if the wake-up comes late", () => {
    const pool = fourReady({ workers: 2 })
    pool.exit(1, 1)
    pool.exit(2, 1)
    pool.now += 3_000
    expect(incidentsIn(pool.tell({ type: "deadline-reached" }))).toHaveLength(1)
  })

  test.each([
    { how: "in different ways", deaths: [[1], [2]] },
    { how: "in different ways", deaths: [[1], [null, "SIGSEGV"]] },
    {
      how: "all ended by SIGSEGV",
      deaths: [
        [null, "SIGSEGV"],
        [null, "SIGSEGV"],
      ],
    },
    { how: "all with exit code 3", deaths: [[3], [3]] },
  ] as const)("are reported with how they ended: $how", ({ how, deaths }) => {
    const pool = fourReady({ workers: 2 })
    for (const [index, [code, signal = null]] of deaths.entries()) {
      pool.exit(index + 1, code, signal)
    }
    expect(reportedBy(pool)).toEqual([
      `2 of 2 workers failed at once, ${how}, 1 s after they became ready`,
    ])
  })

  test("are reported as never ready if none of them was, and without an uptime if only some were", () => {
    const early = new PoolInSteps({ workers: 2, backoff: { min: 60_000, max: 60_000 } })
    early.start()
    early.exit(1, 1)
    early.pass(30)
    early.exit(2, 1)
    expect(reportedBy(early)).toEqual([
      "2 of 2 workers failed within 0.1 s, all with exit code 1 before they were ready",
    ])

    const mixed = new PoolInSteps({ workers: 2, backoff: { min: 60_000, max: 60_000 } })
    mixed.start()
    mixed.ready(1)
    mixed.exit(1, 1)
    mixed.exit(2, 1)
    expect(reportedBy(mixed)).toEqual(["2 of 2 workers failed at once, all with exit code 1"])
  })

  test("are reported as killed if all of them were unresponsive", () => {
    const pool = fourReady({ workers: 2, heartbeatTimeout: 800 })
    expect(pool.slots).toBe("1:killed 2:killed")
    pool.exit(1, null, "SIGKILL")
    pool.exit(2, null, "SIGKILL")
    expect(reportedBy(pool)).toEqual([
      "2 of 2 workers failed at once, all had to be killed, 1 s after they became ready",
    ])
  })

  test.each([
    ["exit with code 0", (pool: PoolInSteps, id: number) => pool.exit(id)],
    [
      "were stopped by a signal to them alone",
      (pool: PoolInSteps, id: number) => {
        pool.signalWorkerAlone(id)
        pool.exit(id, null, "SIGTERM")
      },
    ],
    [
      "ended by themselves at a signal",
      (pool: PoolInSteps, id: number) => {
        pool.signalWorker(id, "SIGTERM")
        pool.exit(id, 143)
      },
    ],
  ])("do not include workers that %s", (_, end) => {
    const pool = fourReady()
    for (const id of [1, 2, 3, 4]) end(pool, id)
    expect(reportedBy(pool)).toEqual([])
  })

  test("do not include workers that were to stop while they booted", () => {
    const pool = new PoolInSteps({ workers: 2 })
    pool.start()
    for (const id of [1, 2]) {
      expect(pool.signalWorkerAlone(id)).toEqual([`kill worker ${id} (#${id})`])
    }
    for (const id of [1, 2]) pool.exit(id, null, "SIGKILL")
    expect(reportedBy(pool)).toEqual([])
  })

  test("do not include workers that a signal to the whole group ended while they booted", () => {
    const pool = new PoolInSteps({ workers: 2 })
    pool.start()
    pool.exit(1, null, "SIGINT")
    pool.exit(2, null, "SIGINT")
    expect(reportedBy(pool)).toEqual([])
  })

  test("do not include workers that were scaled down, had to be killed, and are wanted again", () => {
    const pool = fourReady({ timeout: 100 })
    pool.scale(1)
    pool.pass(100)
    pool.scale(4)
    for (const id of [2, 3, 4]) pool.exit(id, null, "SIGKILL")
    expect(reportedBy(pool)).toEqual([])
  })

  test("do not include workers that exit while the pool stops", () => {
    const pool = fourReady()
    pool.signal("SIGTERM")
    for (const id of [1, 2, 3]) pool.exit(id, 1)
    expect(pool.state.incident).toBeNull()
    expect(pool.exit(4, 1)).toEqual(["finish with code 1"])
  })

  test("are reported before the pool stops, gives up, or is done", () => {
    const stops = fourReady({ workers: 2 })
    stops.exit(1, 1)
    stops.exit(2, 1)
    expect(stops.signal("SIGTERM").slice(0, 2)).toEqual(["announce incident", "announce stop"])

    const givesUp = fourReady({ workers: 2, respawnLimit: 1, backoff: false })
    givesUp.exit(1, 1)
    const commands = givesUp.exit(2, 1)
    expect(commands.slice(0, 2)).toEqual(["announce incident", "announce giving up"])

    const ends = fourReady({ workers: 2, respawn: "never" })
    ends.exit(1, 1)
    expect(ends.exit(2, 1)).toEqual(["announce incident", "finish with code 1"])
  })

  test("need no wake-up after a single failure, which is forgotten at the stop", () => {
    const pool = fourReady({ respawn: "never" })
    pool.exit(1, 1)
    expect(pool.state.incident).not.toBeNull()
    expect(pool.pass(10_000)).toEqual([])
    expect(pool.signal("SIGTERM")[0]).toBe("announce stop")
    expect(pool.state.incident).toBeNull()
  })

  test("must be more than half of the largest target while they failed", () => {
    const grows = fourReady({ workers: 2 })
    grows.exit(1, 1)
    grows.scale(4)
    grows.exit(2, 1)
    expect(reportedBy(grows)).toEqual([])

    const shrinks = fourReady({ workers: 4 })
    shrinks.exit(1, 1)
    shrinks.exit(2, 1)
    shrinks.scale(2)
    expect(reportedBy(shrinks)).toEqual([])
  })
})
