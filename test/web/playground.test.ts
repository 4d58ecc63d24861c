/** What the playground makes of options and outages. */
import { describe, expect, test } from "vitest"
import { figuresOf, type RunFigures, together } from "../../web/playground/figures.ts"
import { beginsAt, outages, timesOf } from "../../web/playground/outages.ts"
import {
  codeOf,
  commandOf,
  flags,
  lastingMs,
  mainFlags,
  read,
  type Settings,
  settingsOf,
  type Texts,
  written,
} from "../../web/playground/settings.ts"
import { type Hanging, runOnce } from "../../web/playground/world.ts"

function ran(texts: Texts, outage: string, lasts = "", seed = 1): RunFigures {
  const given = read(texts)
  const what = outages[outage]
  if (!given.ok || what === undefined) throw new Error(given.ok ? outage : given.problem)
  const times = timesOf(what, lastingMs({ sets: [texts], outage, lasts }))
  const plan = given.plan(seed)
  const hanging: Hanging[] = []
  const steps = runOnce(plan, what, times, seed, hanging)
  return figuresOf(steps, plan, times.endAt, hanging)
}

describe("what is set", () => {
  test.each<Settings>([
    { sets: [{ workers: "4" }], outage: "database", lasts: "" },
    { sets: [{ workers: "8", "respawn-limit": "5" }], outage: "boot", lasts: "3min" },
    {
      sets: [{ workers: "2", backoff: "100ms..30s" }, { signal: "HUP=reload" }],
      outage: "hang",
      lasts: "",
    },
  ])("stands in the address: %j", (settings) => {
    expect(settingsOf(`#${written(settings)}`)).toEqual(settings)
  })

  test("is what is usual where an address makes no sense", () => {
    expect(settingsOf("#outage=constructor&a=nonsense=1&lasts=2min")).toEqual({
      sets: [{}],
      outage: "database",
      lasts: "2min",
    })
  })

  test("has the names of flags", () => {
    const names = flags.map(({ name }) => name)
    for (const name of mainFlags) expect(names).toContain(name)
  })

  test("is refused with the flag and its rule", () => {
    expect(read({ workers: "0" })).toMatchObject({ ok: false, flag: "workers" })
    expect(read({ timeout: "soon" })).toEqual({
      ok: false,
      flag: "timeout",
      problem: expect.stringContaining("--timeout must be a duration"),
    })
    expect(read({ timeout: "5" })).toMatchObject({
      ok: true,
      findings: [{ rule: "timeout-short" }],
    })
    expect(() => lastingMs({ sets: [{}], outage: "database", lasts: "for ever" })).toThrow(
      "one day",
    )
  })

  test("is written as code and as a command", () => {
    const texts = { workers: "8", "respawn-limit": "unlimited", backoff: "100ms..30s" }
    const given = read(texts)
    expect(given.ok && codeOf(given.options)).toBe(`import kamisama from "kamisama"

kamisama({
  workers: 8,
  respawnLimit: Infinity,
  backoff: {
    min: 100,
    max: 30000
  },
  run: () => import("./server.js"),
})
`)
    expect(commandOf(texts)).toBe(
      "npx kamisama --workers 8 --respawn-limit unlimited --backoff 100ms..30s server.js",
    )
  })
})

describe("an outage", () => {
  test("of the database for 3 minutes ends 8 workers with a limit of 5 restarts within seconds", () => {
    const { gaveUpAt, respawns, ready } = ran(
      { workers: "8", "respawn-limit": "5" },
      "database",
      "3min",
    )
    expect(gaveUpAt).toBeGreaterThan(beginsAt)
    expect(gaveUpAt).toBeLessThan(beginsAt + 10_000)
    expect(respawns).toBe(5)
    expect(ready.at(-1)?.[1]).toBe(0)
  })

  test("is survived if the limit is high enough", () => {
    const { gaveUpAt, ready, degradedMs } = ran(
      { workers: "8", "respawn-limit": "unlimited" },
      "database",
      "3min",
    )
    expect(gaveUpAt).toBeNull()
    expect(ready.at(-1)?.[1]).toBe(8)
    expect(degradedMs).toBeGreaterThan(180_000)
  })

  test.each(Object.keys(outages))("is the same from the same seed: %s", (outage) => {
    const texts = { workers: "3", "heartbeat-timeout": "3s", "max-memory": "200M" }
    const [one, again, other] = [1, 1, 2].map((seed) => ran(texts, outage, "", seed))
    expect(again).toEqual(one)
    expect(other).not.toEqual(one)
  })

  test("that is none leaves all workers as they are", () => {
    const { respawns, kills, gaveUpAt, leastReady, degradedMs } = ran({ workers: "4" }, "none")
    expect({ respawns, kills, gaveUpAt, leastReady, degradedMs }).toEqual({
      respawns: 0,
      kills: 0,
      gaveUpAt: null,
      leastReady: 4,
      degradedMs: 0,
    })
  })

  test("of the event loop is seen only with a heartbeat", () => {
    const unseen = ran({ workers: "2" }, "hang")
    // Nobody is served to the end, although the pool takes both for ready.
    expect(unseen).toMatchObject({ kills: 0, leastReady: 0, gaveUpAt: null })
    expect(unseen.ready.at(-1)?.[1]).toBe(0)
    const seen = ran({ workers: "2", "heartbeat-timeout": "3s" }, "hang")
    expect(seen.kills).toBeGreaterThan(2)
    expect(seen.ready.at(-1)?.[1]).toBe(2)
    expect(seen.degradedMs).toBeLessThan(unseen.degradedMs)
  })
})

test("many runs are told by their least, median and most", () => {
  const runs = [1, 2, 3].map((seed) => ran({ workers: "4" }, "database", "1min", seed))
  const all = together(runs)
  expect(all.runs).toBe(3)
  expect(all.respawns[0]).toBeLessThanOrEqual(all.respawns[1])
  expect(all.respawns[1]).toBeLessThanOrEqual(all.respawns[2])
  expect(all.gaveUp).toBe(runs.filter(({ gaveUpAt }) => gaveUpAt !== null).length)
})
