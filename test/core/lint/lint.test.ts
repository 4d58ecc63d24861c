import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import {
  type Finding,
  lint,
  type LintEnvironment,
  type PlanOptions,
} from "../../../src/core/index.ts"
import { crashLoop, planWith } from "./crash-loop.ts"
import { randomOf } from "../random-pool.ts"

const hour = 3_600_000

function rulesOf(options: PlanOptions, environment?: LintEnvironment): readonly string[] {
  return lint({ workers: 2, ...options }, environment).map(({ rule }) => rule)
}

/** The one finding about these options. */
function findingOf(options: PlanOptions, environment?: LintEnvironment): Finding {
  const [finding, ...others] = lint({ workers: 2, ...options }, environment)
  expect(others).toEqual([])
  if (finding === undefined) throw new Error("nothing was found")
  return finding
}

/** Whether a pool with these options gives up, within an hour, when its workers die `lifeMs` after each fork. */
function givesUp(options: PlanOptions, lifeMs: number, seed?: number): boolean {
  return crashLoop(planWith(options, seed), lifeMs, hour).gaveUpAt !== undefined
}

describe("lint() finds nothing", () => {
  test("in the defaults, for any number of workers", () => {
    for (let workers = 1; workers <= 256; workers += 1) expect(lint({ workers })).toEqual([])
    expect(lint({})).toEqual([])
    expect(lint({}, { cores: 96, grace: 30_000 })).toEqual([])
  })

  test.each<PlanOptions>([
    { workers: 3, timeout: 5_000 },
    { timeout: 5_000 },
    { workers: 2, timeout: 5_000, backoff: false },
    { respawnLimit: Infinity },
    { respawn: "on-failure" },
    { respawn: "never" },
    { startTimeout: 30_000 },
    { waitForWorkers: false },
    { signals: { SIGHUP: "ignore", SIGUSR2: false, SIGQUIT: "stop" } },
    { signals: { SIGINT: false } },
  ])("in common options: %o", (options) => {
    expect(lint(options, { cores: 4, grace: 30_000 })).toEqual([])
  })
})

describe("lint()", () => {
  test("throws as planFrom() does on invalid options", () => {
    expect(() => lint({ workers: 0 })).toThrow(RangeError)
    expect(() => lint({ timeout: "5 s" } as unknown as PlanOptions)).toThrow(TypeError)
  })

  test("does not change the options, and finds the same again", () => {
    const options = {
      workers: 2,
      respawn: "never",
      respawnLimit: 1,
      timeout: 5,
      signals: { SIGTERM: "ignore" },
    }
    const before = structuredClone(options)
    const findings = lint(options as PlanOptions)
    expect(findings).toHaveLength(3)
    expect(lint(options as PlanOptions)).toEqual(findings)
    expect(options).toEqual(before)
  })

  test("assumes one worker per core if the options do not set workers", () => {
    expect(lint({ respawnLimit: 3 }, { cores: 3 })).toEqual([])
    expect(lint({ respawnLimit: 3 }, { cores: 4 })).toMatchObject([
      { rule: "respawn-limit-below-workers" },
    ])
  })

  test("returns plain data for any options, and one line of text per finding that names an option", () => {
    const found = new Set<string>()
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const random = randomOf(seed)
      const one = <const Choices extends readonly unknown[]>(
        ...choices: Choices
      ): Choices[number] => choices[Math.floor(random() * choices.length)]
      const options: PlanOptions = {
        workers: one(1, 2, 64),
        timeout: one(1, 500, 10_000, 60_000, 2 ** 31 - 1),
        respawn: one("always", "on-failure", "never"),
        respawnLimit: one(undefined, 0, 1, 64, Number.MAX_SAFE_INTEGER, Infinity),
        respawnInterval: one(undefined, 1, 60, 2 ** 31 - 1),
        backoff: one(
          undefined,
          false,
          { max: 1 },
          { min: 2 ** 31 - 1 },
          { min: 1, max: 2 ** 31 - 1 },
        ),
        startTimeout: one(false, 1, 10_000),
        signals: one({}, { SIGTERM: "ignore" }, { SIGTERM: "scale-up", SIGINT: "ignore" }),
      }
      for (const finding of lint(options, {
        cores: one(1, 2, undefined),
        grace: one(undefined, 1),
      })) {
        found.add(finding.rule)
        expect(structuredClone(finding)).toEqual(finding)
        expect(finding.text).toMatch(/^[^\n]{60,350}$/)
        expect(finding.text).not.toMatch(/undefined|NaN|-\d|\.\./)
        expect(finding.text, finding.rule).toContain(finding.options[0])
      }
    }
    expect(found.size).toBe(9)
  })
})

describe("respawn-limit-out-of-reach", () => {
  const rule = "respawn-limit-out-of-reach"
  // Each wait is at the cap and has no jitter: the 20th respawn of two slots comes 9 s after the first.
  const even = { backoff: { min: 1_000, max: 1_000 }, respawnInterval: 10_000 }

  test("is found exactly if no crash loop is fast enough to make the pool give up", () => {
    expect(findingOf({ ...even, respawnLimit: 20 })).toEqual({
      rule,
      level: "warn",
      options: ["respawnLimit", "respawnInterval", "backoff"],
      text: "with this backoff 2 workers restart at most 20 times within 10 s, so respawnLimit 20 is never exceeded and a crash loop continues forever. Set respawnLimit to at most 9, or respawnInterval to at least 20_001, or respawnLimit to Infinity if the pool need not give up.",
    })
    expect(givesUp({ ...even, respawnLimit: 20 }, 0)).toBe(false)
    expect(givesUp({ ...even, respawnLimit: 19 }, 0)).toBe(true)
  })

  test("is found if only a crash that is faster than a start is fast enough", () => {
    const { level, text } = findingOf({ ...even, respawnLimit: 19 })
    expect(level).toBe("warn")
    expect(text).toContain(
      "workers that live 112 ms or longer never need more than 19 restarts (respawnLimit) within 10 s, so their crash loop continues forever. Set",
    )
    expect(givesUp({ ...even, respawnLimit: 19 }, 112)).toBe(false)
    expect(givesUp({ ...even, respawnLimit: 19 }, 111)).toBe(true)
  })

  test("is not found if the pool gives up on workers that live for a second", () => {
    expect(rulesOf({ ...even, respawnLimit: 9 })).toEqual([])
    expect(givesUp({ ...even, respawnLimit: 9 }, 1_000)).toBe(true)
    expect(rulesOf({ ...even, respawnLimit: 10 })).toEqual([rule])
    expect(givesUp({ ...even, respawnLimit: 10 }, 1_000)).toBe(false)
  })

  // With the defaults, 9 respawns of a slot must fall within a minute: 255 × min and 8 lives, if 128 × min is below the cap.
  test("is found if backoff.min alone is 204 ms or more, and from 237 ms on for every crash loop", () => {
    for (const workers of [1, 2, 7]) {
      expect(rulesOf({ workers, backoff: { min: 203 } })).toEqual([])
      expect(findingOf({ workers, backoff: { min: 204 } }).text).toContain("live 998 ms or longer")
      expect(findingOf({ workers, backoff: { min: 236 } }).text).toContain("live 4 ms or longer")
      expect(findingOf({ workers, backoff: { min: 237 } }).text).toContain(
        "is never exceeded and a crash loop continues forever",
      )
    }
  })

  test("is right for the jitter of every seed", () => {
    const gaveUp = new Set<boolean>()
    for (let seed = 1; seed <= 40; seed += 1) {
      expect(givesUp({ workers: 3, backoff: { min: 237 } }, 0, seed)).toBe(false)
      expect(givesUp({ workers: 3, backoff: { min: 204 } }, 998, seed)).toBe(false)
      expect(givesUp({ workers: 3, backoff: { min: 150 } }, 0, seed)).toBe(true)
      gaveUp.add(givesUp({ workers: 3, backoff: { min: 215 } }, 0, seed))
    }
    expect([...gaveUp].sort()).toEqual([false, true])
  })

  test("is found without backoff if the limit is too high for the interval", () => {
    expect(rulesOf({ backoff: false, respawnLimit: 119 })).toEqual([])
    const { text } = findingOf({ backoff: false, respawnLimit: 120 })
    expect(text).toBe(
      "workers that live 1 s or longer never need more than 120 restarts (respawnLimit) within 60 s, so their crash loop continues forever. Set respawnLimit to at most 119, or respawnInterval to at least 60_001, or respawnLimit to Infinity, with backoff, if the pool need not give up.",
    )
    expect(givesUp({ backoff: false, respawnLimit: 120 }, 1_000)).toBe(false)
    expect(givesUp({ backoff: false, respawnLimit: 119 }, 1_000)).toBe(true)
  })

  test("is found if respawnInterval is given in seconds", () => {
    expect(rulesOf({ respawnInterval: 60 })).toEqual([rule])
    expect(rulesOf({ respawnInterval: 33_500 })).toEqual([rule])
    expect(rulesOf({ respawnInterval: 33_501 })).toEqual([])
  })

  test("is not found if there is no limit, or no respawn", () => {
    expect(rulesOf({ ...even, respawnLimit: Infinity })).toEqual([])
    expect(rulesOf({ respawn: "never" })).toEqual([])
    expect(rulesOf({ ...even, respawnLimit: 20, respawn: "on-failure" })).toEqual([rule])
  })

  test("is no longer found if any part of its advice is followed", () => {
    let followed = 0
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = randomOf(seed)
      const upTo = (most: number): number => 1 + Math.floor(random() ** 3 * most)
      const min = upTo(10_000)
      const options: PlanOptions = {
        workers: upTo(8),
        respawnLimit: upTo(500),
        respawnInterval: upTo(200_000),
        backoff: random() < 0.2 ? false : { min, max: min + upTo(60_000) },
      }
      const text = lint(options).find((finding) => finding.rule === rule)?.text
      if (text === undefined) continue
      const limit = /respawnLimit to at most (\d+)/.exec(text)?.[1]
      const interval = /respawnInterval to at least ([\d_]+)/.exec(text)?.[1]?.replaceAll("_", "")
      for (const better of [
        limit === undefined ? {} : { respawnLimit: Number(limit) },
        interval === undefined ? {} : { respawnInterval: Number(interval) },
        { respawnLimit: Infinity, ...(/with backoff/.test(text) ? { backoff: {} } : {}) },
      ]) {
        if (Object.keys(better).length === 0) continue
        followed += 1
        expect(lint({ ...options, ...better }), text).toEqual([])
      }
    }
    expect(followed).toBeGreaterThan(200)
  })
})

describe("respawn-limit-below-workers", () => {
  const rule = "respawn-limit-below-workers"

  /** Whether the pool gives up when each of its first workers dies once, after a second. */
  function givesUpAtOnce(options: PlanOptions): boolean {
    return crashLoop(planWith({ ...options, backoff: false }), 1_000, 1_000).gaveUpAt !== undefined
  }

  test("is found if the pool gives up when all workers die once", () => {
    expect(findingOf({ workers: 8, respawnLimit: 7 })).toEqual({
      rule,
      level: "info",
      options: ["respawnLimit", "workers"],
      text: "respawnLimit is 7, so the pool gives up as soon as each of its 8 workers has crashed once. Set it to at least 8, or to Infinity for no limit, unless that is intended.",
    })
    expect(givesUpAtOnce({ workers: 8, respawnLimit: 7 })).toBe(true)
    expect(rulesOf({ workers: 8, respawnLimit: 8 })).toEqual([])
    expect(givesUpAtOnce({ workers: 8, respawnLimit: 8 })).toBe(false)
  })

  test("is found if no respawn is allowed", () => {
    expect(findingOf({ workers: 1, respawnLimit: 0 }).text).toBe(
      "respawnLimit is 0, so the pool gives up as soon as a restart is due. Set it to at least 1, or to Infinity for no limit, unless that is intended.",
    )
    expect(rulesOf({ workers: 1, respawnLimit: 1 })).toEqual([])
    expect(rulesOf({ workers: 2, respawnLimit: 0, respawn: "never" })).toEqual([])
  })
})

describe("respawn-without-brake", () => {
  const rule = "respawn-without-brake"

  test("is found without limit and backoff, because the pool then forks as fast as workers die", () => {
    expect(findingOf({ respawnLimit: Infinity, backoff: false })).toEqual({
      rule,
      level: "warn",
      options: ["respawnLimit", "backoff"],
      text: "respawnLimit is Infinity and backoff is false, so a crash loop continues forever at full speed. Set respawnLimit, or set backoff.max to at least 100.",
    })
    const plan = planWith({ workers: 1, respawnLimit: Infinity, backoff: false })
    expect(crashLoop(plan, 1, 10_000)).toEqual({ gaveUpAt: undefined, mostRespawns: 10_000 })
  })

  test("is found if the backoff hardly waits", () => {
    const respawnLimit = Infinity
    expect(findingOf({ respawnLimit, backoff: { max: 99 } }).text).toContain(
      "and backoff is 99 ms at most, so",
    )
    expect(rulesOf({ respawnLimit, backoff: { max: 100 } })).toEqual([])
    const plan = planWith({ workers: 1, respawnLimit, backoff: { max: 100 } })
    expect(crashLoop(plan, 0, 10_000).mostRespawns).toBe(101)
  })

  test("is not found with a limit, nor if nothing is respawned", () => {
    expect(rulesOf({ respawnLimit: 16, backoff: false })).toEqual([])
    expect(rulesOf({ respawnLimit: 16, backoff: { max: 1 } })).toEqual([])
    expect(rulesOf({ respawn: "on-failure", respawnLimit: Infinity, backoff: false })).toEqual([
      rule,
    ])
    expect(rulesOf({ respawn: "never", respawnLimit: Infinity, backoff: false })).not.toContain(
      rule,
    )
  })
})

describe("respawn-never", () => {
  test("is found if another option is about respawns, which then do not happen", () => {
    const options = { respawn: "never", respawnLimit: 5, backoff: { min: 10 } } as const
    expect(findingOf(options)).toEqual({
      rule: "respawn-never",
      level: "warn",
      options: ["respawn", "respawnLimit", "backoff"],
      text: `respawn is "never", so respawnLimit and backoff apply only to failed forks. Leave out one or the other.`,
    })
    expect(crashLoop(planWith(options), 10, hour).mostRespawns).toBe(0)
    expect(crashLoop(planWith({ ...options, respawn: "on-failure" }), 10, hour).mostRespawns).toBe(
      5,
    )
    expect(findingOf({ respawn: "never", startFailure: "exit" }).options).toEqual([
      "respawn",
      "startFailure",
    ])
    expect(findingOf({ respawn: "never", respawnInterval: 1_000 }).options).toEqual([
      "respawn",
      "respawnInterval",
    ])
  })

  test("is not found if the other options agree with it", () => {
    expect(rulesOf({ respawn: "never", respawnLimit: 0, backoff: false })).toEqual([])
    expect(rulesOf({ respawn: "never", respawnLimit: undefined, backoff: undefined })).toEqual([])
  })
})

test("lint() accepts every option of kamisama(), even those that it does not check", () => {
  const others = { workers: 2, run: () => undefined, log: "info", exit: false, scheduling: "os" }
  expect(lint(others)).toEqual([])
})

describe("lint() refuses", () => {
  test.each([
    ["x", {}, `kamisama: the options must be an object, got "x"`],
    [3, {}, `kamisama: the options must be an object, got 3`],
    [
      {},
      { grace: "30s" },
      `lint: "grace" must be a number of milliseconds, 0 or more, got "30s". Write 30_000 for 30 s.`,
    ],
    [{}, { cores: 0 }, `"cores" must be a number, 1 or more, got 0`],
    [{ worker: 3 }, {}, `kamisama: unknown option "worker". Did you mean "workers"?`],
    [{}, { grase: 3 }, `lint: unknown option "grase". Did you mean "grace"?`],
    [{}, { cores: Number.NaN }, `"cores" must be a number, 1 or more, got NaN`],
  ])("%o in %o", (options, environment, message) => {
    expect(() => lint(options as object, environment as object)).toThrow(message)
  })
})

describe("start-timeout-short", () => {
  test("is found below a second", () => {
    expect(findingOf({ startTimeout: 999 })).toEqual({
      rule: "start-timeout-short",
      level: "warn",
      options: ["startTimeout"],
      text: "startTimeout is 999 ms, but a start may take 1 s if all workers start at once, so healthy workers are killed. It is in ms: use at least 1_000.",
    })
    expect(rulesOf({ startTimeout: 1_000 })).toEqual([])
  })
})

describe("heartbeat-timeout-short", () => {
  test("is found below a second", () => {
    expect(findingOf({ heartbeatTimeout: 999 })).toEqual({
      rule: "heartbeat-timeout-short",
      level: "warn",
      options: ["heartbeatTimeout"],
      text: "heartbeatTimeout is 999 ms, so a worker that is busy with one thing for that long is killed as if it hung. It is in ms: use at least 1_000.",
    })
    expect(rulesOf({ heartbeatTimeout: 1_000 })).toEqual([])
  })
})

describe("max-memory-small", () => {
  test("is found if no worker can take so little memory", () => {
    expect(findingOf({ recycle: { maxMemory: 512 } })).toEqual({
      rule: "max-memory-small",
      level: "warn",
      options: ["recycle"],
      text: "every process uses more than recycle.maxMemory (512 bytes), so the limit is ignored. It is in bytes: use at least 67_108_864.",
    })
    expect(rulesOf({ recycle: { maxMemory: 67_108_863 } })).toEqual(["max-memory-small"])
    expect(rulesOf({ recycle: { maxMemory: 67_108_864 } })).toEqual([])
  })
})

describe("max-age-short", () => {
  test("is found below a minute", () => {
    expect(findingOf({ recycle: { maxAge: 3_600 } })).toEqual({
      rule: "max-age-short",
      level: "info",
      options: ["recycle"],
      text: "recycle.maxAge is 3.6 s, so workers do little more than start and stop. It is in ms: use at least 60_000.",
    })
    expect(rulesOf({ recycle: { maxAge: 60_000 } })).toEqual([])
  })
})

describe("max-requests-few", () => {
  test("is found below a hundred", () => {
    expect(findingOf({ recycle: { maxRequests: 10 } })).toEqual({
      rule: "max-requests-few",
      level: "info",
      options: ["recycle"],
      text: "recycle.maxRequests is 10, so workers do little more than start and stop. Use at least 100.",
    })
    expect(rulesOf({ recycle: { maxRequests: 100 } })).toEqual([])
  })
})

describe("timeout-short", () => {
  test("is found if a server cannot close its idle connections in time", () => {
    expect(findingOf({ timeout: 30 })).toEqual({
      rule: "timeout-short",
      level: "warn",
      options: ["timeout"],
      text: "timeout is 30 ms, but a server needs 500 ms to close idle connections, so every stop is a kill. It is in ms: use more than 500.",
    })
    expect(rulesOf({ timeout: 500 })).toEqual(["timeout-short"])
    expect(rulesOf({ timeout: 501 })).toEqual([])
  })
})

describe("timeout-beyond-grace", () => {
  const rule = "timeout-beyond-grace"

  test("is a warning if the grace period is known and not longer than the timeout", () => {
    expect(findingOf({ timeout: 45_000 }, { grace: 30_000 })).toEqual({
      rule,
      level: "warn",
      options: ["timeout"],
      text: "timeout is 45 s, but all of the program is killed after 30 s, before workers have had that time. Raise that grace period to at least 50 s, or lower timeout.",
    })
    expect(rulesOf({ timeout: 45_000 }, { grace: 45_000 })).toEqual([rule])
    expect(rulesOf({ timeout: 45_000 }, { grace: 45_001 })).toEqual([])
    expect(rulesOf({ timeout: 45_000 }, { grace: 50_000 })).toEqual([])
    expect(rulesOf({}, { grace: 10_000 })).toEqual([rule])
    expect(findingOf({ stopDelay: 20_000 }, { grace: 30_000 })).toMatchObject({
      options: ["stopDelay", "timeout"],
      text: expect.stringMatching(
        /^stopDelay and timeout together are 30 s, but .* at least 35 s,/,
      ),
    })
    expect(rulesOf({ stopDelay: 19_999 }, { grace: 30_000 })).toEqual([])
  })

  test("is information if the grace period is unknown, from the default of Kubernetes on", () => {
    expect(rulesOf({ timeout: 29_999 })).toEqual([])
    const { level, text } = findingOf({ timeout: 30_000 })
    expect(level).toBe("info")
    expect(text).toContain(
      "(by default Docker after 10 s, Kubernetes after 30 s). Raise that grace period to at least 35 s,",
    )
    expect(findingOf({ timeout: 89_999 }).text).not.toContain("systemd")
    expect(findingOf({ timeout: 90_000 }).text).toContain(
      "Kubernetes after 30 s, systemd after 90 s)",
    )
  })
})

describe("grace-unreadable", () => {
  test("says what was given instead of a grace period, escaped and short", () => {
    const { text, ...finding } = findingOf({}, { unreadableGrace: "5\u009b2J\nseconds" })
    expect(finding).toEqual({ rule: "grace-unreadable", level: "warn", options: ["timeout"] })
    expect(text).toBe(
      String.raw`timeout cannot be checked against the grace period: KAMISAMA_GRACE_SECONDS must be a number of seconds, a duration such as 30s, or infinity, got "5\x9b2J\nseconds". Set it to the time after which a stopping program is killed, such as 30.`,
    )
    expect(findingOf({}, { unreadableGrace: "x".repeat(9_999) }).text.length).toBeLessThan(400)
  })

  test("is not found if the grace period is known, unknown or endless", () => {
    expect(rulesOf({}, { unreadableGrace: undefined })).toEqual([])
    expect(rulesOf({}, { grace: 30_000 })).toEqual([])
    expect(rulesOf({ timeout: 600_000 }, { grace: Infinity })).toEqual([])
  })
})

describe("sigterm-swallowed", () => {
  const rule = "sigterm-swallowed"

  test("is found if SIGTERM is handled but does not stop the pool", () => {
    expect(findingOf({ signals: { SIGTERM: "ignore" } })).toEqual({
      rule,
      level: "warn",
      options: ["signals"],
      text: `signals maps SIGTERM to "ignore", so systemd, Kubernetes and Docker wait in vain and then kill everything. Map it to "stop", or to false if the program handles it itself.`,
    })
    expect(rulesOf({ signals: { SIGTERM: "scale-down" } })).toEqual([rule])
  })

  test("is not found if SIGTERM stops the pool, or is left to the program", () => {
    expect(rulesOf({ signals: { SIGTERM: "stop", SIGINT: "ignore" } })).toEqual([])
    expect(rulesOf({ signals: { SIGTERM: false } })).toEqual([])
  })
})

describe("no-stop-signal", () => {
  const others = { SIGINT: false, SIGHUP: false, SIGBREAK: false } as const

  test("is found if no stop signal is left", () => {
    const signals = { ...others, SIGTERM: false, SIGUSR2: "ignore" } as const
    expect(findingOf({ signals })).toEqual({
      rule: "no-stop-signal",
      level: "info",
      options: ["signals"],
      text: `signals maps nothing to "stop", so SIGTERM ends the primary without waiting for its workers. Map a signal to "stop", unless the program handles SIGTERM itself and calls stop().`,
    })
    expect(rulesOf({ signals: { ...signals, SIGTERM: "ignore" } })).toEqual(["sigterm-swallowed"])
  })

  test("is not found if any stop signal is left", () => {
    expect(rulesOf({ signals: { ...others, SIGTERM: false } })).toEqual([])
    const signals = { ...others, SIGTERM: false, SIGUSR2: false, SIGQUIT: "stop" } as const
    expect(rulesOf({ signals })).toEqual([])
  })
})

describe("workers-beyond-cores", () => {
  test("is found above four workers per core, if the number of cores is known", () => {
    expect(findingOf({ workers: 9 }, { cores: 2 })).toEqual({
      rule: "workers-beyond-cores",
      level: "info",
      options: ["workers"],
      text: "9 workers share 2 cores, so they wait for each other, each with memory of its own. Set workers to at most 8, unless they mostly wait for something else.",
    })
    expect(rulesOf({ workers: 8 }, { cores: 2 })).toEqual([])
    expect(findingOf({ workers: 5 }, { cores: 1 }).text).toContain("share 1 core, so")
    expect(rulesOf({ workers: 1_000 })).toEqual([])
  })
})

describe("signal-taken-twice", () => {
  const rule = "signal-taken-twice"
  const signalFlags = { "--heapsnapshot-signal": "SIGUSR2" }

  test("is found if a flag acts on a signal that the pool acts on", () => {
    expect(findingOf({}, { signalFlags })).toEqual({
      rule,
      level: "warn",
      options: ["signals"],
      text: `SIGUSR2 means "stop" to the pool, and --heapsnapshot-signal writes a file at it, so both happen. Give the flag another signal, or map this one to false.`,
    })
    expect(rulesOf({ signals: { SIGUSR2: "reload" } }, { signalFlags })).toEqual([rule])
    const both = { ...signalFlags, "--report-on-signal": "SIGHUP" }
    expect(findingOf({}, { signalFlags: both }).text).toContain(
      `both happen; SIGHUP means "stop" to the pool, and --report-on-signal writes`,
    )
  })

  test("is not found if the pool leaves the signal alone", () => {
    for (const action of [false, "ignore"] as const) {
      expect(rulesOf({ signals: { SIGUSR2: action } }, { signalFlags })).toEqual([])
    }
    expect(rulesOf({}, { signalFlags: { "--heapsnapshot-signal": "SIGWINCH" } })).toEqual([])
  })

  test("needs an object of texts", () => {
    const wrong = { signalFlags: { "--heapsnapshot-signal": 12 } } as unknown as LintEnvironment
    expect(() => lint({}, wrong)).toThrow(
      `lint: "signalFlags" must be an object of flags with their signals, such as { "--heapsnapshot-signal": "SIGUSR2" }, got`,
    )
  })
})

describe("no-init", () => {
  test("is found if the primary is pid 1", () => {
    expect(findingOf({}, { pid: 1 })).toEqual({
      rule: "no-init",
      level: "info",
      options: [],
      text: "the primary is pid 1, but it does not reap, so what a dead worker had started stays as a zombie. If workers start processes, use an init: docker run --init, init: true in Compose, or tini.",
    })
    expect(rulesOf({}, { pid: 7 })).toEqual([])
  })
})

describe("memory-beyond-limit", () => {
  const mebibyte = 1_048_576

  test.each([
    [
      4,
      1_024,
      512,
      "4 of them have 1024 MiB together, so the kernel may kill one before its heap is collected. Give the runtime --max-old-space-size=148 --max-semi-space-size=16, or set workers to at most 2.",
    ],
    [
      8,
      512,
      512,
      "8 of them have 512 MiB together, so the kernel may kill one before its heap is collected. Set workers to at most 1, or allow more memory.",
    ],
    [
      1,
      512,
      600,
      "it has 512 MiB, so the kernel may kill it before its heap is collected. Give the runtime --max-old-space-size=368 --max-semi-space-size=16.",
    ],
    [
      2,
      128,
      512,
      "2 of them have 128 MiB together, so the kernel may kill one before its heap is collected. Allow more memory.",
    ],
  ])("is found if the heaps of %i workers do not fit into %i MiB", (workers, limit, heap, end) => {
    const environment = { memory: limit * mebibyte, heap: heap * mebibyte }
    expect(findingOf({ workers }, environment)).toEqual({
      rule: "memory-beyond-limit",
      level: "info",
      options: ["workers"],
      text: `the heap of each worker may grow to ${heap} MiB, but ${end}`,
    })
  })

  test("is not found if they fit, or if either is unknown", () => {
    const memory = 1_024 * mebibyte
    expect(rulesOf({}, { memory, heap: memory / 2 })).toEqual([])
    expect(rulesOf({}, { memory })).toEqual([])
    expect(rulesOf({}, { heap: memory })).toEqual([])
  })

  test("is no longer found with the flags that it advises, as this runtime takes them", () => {
    for (const [workers, megabytes] of [
      [2, 243],
      [2, 512],
      [4, 1_024],
      [16, 8_192],
    ] as const) {
      const memory = megabytes * mebibyte
      const { text } = findingOf({ workers }, { memory, heap: memory })
      const flags = text.match(/--max-[a-z-]+=\d+/g) ?? []
      expect(flags).toHaveLength(2)
      const heap = heapWith(flags)
      expect(rulesOf({ workers }, { memory, heap })).toEqual([])
      // Not because it is tiny.
      expect(workers * heap).toBeGreaterThan(memory - (workers + 1) * 49 * mebibyte)
    }
  })

  test("is no longer found with as many workers as it advises", () => {
    const environment = { memory: 1_024 * mebibyte, heap: 300 * mebibyte }
    const [, advised] = /workers to at most (\d+)/.exec(
      findingOf({ workers: 4 }, environment).text,
    ) ?? ["", ""]
    expect(advised).toBe("3")
    expect(rulesOf({ workers: Number(advised) }, environment)).toEqual([])
  })
})

/** How large the heap of a process may grow that this runtime starts with these flags, in bytes. */
function heapWith(flags: readonly string[]): number {
  const code =
    "process.stdout.write(String(require('node:v8').getHeapStatistics().heap_size_limit))"
  return Number(execFileSync(process.execPath, [...flags, "-e", code], { encoding: "utf8" }))
}
