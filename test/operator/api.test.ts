/**
 * What a pool answers, on a simulated operating system, held against docs/control.openapi.json.
 */
import { readFileSync } from "node:fs"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, test } from "vitest"
import { planFrom } from "../../src/core/plan/plan.ts"
import { type FakePlatform, type FakePlatformOptions, fakePlatform } from "../../src/fake.ts"
import type { KamisamaOptions } from "../../src/index.ts"
import { startPool } from "../../src/pool/pool.ts"
import { configOf } from "../../src/operator/config.ts"
import { History } from "../../src/operator/history.ts"
import { type Answer, carryOut, type Operated } from "../../src/operator/operate.ts"
import { operationOf, routes } from "../../src/operator/routes.ts"

interface Described {
  readonly parameters?: readonly { readonly name: string }[]
  readonly responses: { readonly [status: string]: { readonly $ref?: string } }
}

const description = JSON.parse(
  readFileSync(new URL("../../docs/control.openapi.json", import.meta.url), "utf8"),
) as {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } }
  readonly components: {
    readonly responses: {
      readonly [name: string]: {
        readonly content: { readonly [type: string]: { readonly schema: object } }
      }
    }
  }
}

const ajv = new Ajv2020({ strict: false })
ajv.addSchema({ ...description, $id: "description" })

const options = { workers: 2, log: "silent", exit: false, signals: { SIGHUP: "reload" } } as const

class Outside {
  readonly os: FakePlatform
  readonly operated: Operated

  constructor(world: FakePlatformOptions = {}) {
    this.os = fakePlatform(world)
    const all: KamisamaOptions = { ...options, run: () => undefined, platform: this.os }
    const plan = planFrom(all, this.os.environment)
    const { run } = all
    const program = {
      plan,
      closeTimeoutMs: 1,
      idle: "stay",
      takesStdin: false,
      measuresRequests: false,
      run,
      shutdown: undefined,
    } as const
    let followRecording: Operated["followRecording"] = () => () => undefined
    const pool = startPool(all, plan, program, this.os, (_, follow) => {
      followRecording = follow
      return () => Promise.resolve()
    })
    this.operated = {
      pool,
      followRecording,
      about: {
        kamisama: "1.0.0",
        api: 1,
        name: "shop",
        pid: 7,
        runtime: "node 24.21.0",
        startedAt: this.os.clock.epochNow(),
      },
      history: new History(pool),
      config: configOf(all, plan),
      backlogsOf: () => [],
      usageOf: (pid) => (pid === 1001 ? { memoryBytes: 2 ** 20, cpuMs: 5 } : undefined),
      readyAt: 1,
      askWorkers: () => Promise.resolve({ families: [], answered: new Set(), dropped: 0 }),
      loads: () =>
        Promise.resolve(
          new Map([
            [1001, { loopUse: 0.12, lagMs: 1.5, connections: 31, requestsPerSecond: 210.4 }],
            [1002, { loopUse: 0, lagMs: 0, connections: 0, requestsPerSecond: null }],
          ]),
        ),
      epochNow: () => this.os.clock.epochNow(),
    }
  }

  /** Asks, and lets so much time pass. @returns the answer, which must be as it is described. */
  async ask(method: string, target: string, ms = 0): Promise<Answer> {
    const operation = operationOf(method, target)
    if (operation.type === "refusal") throw new Error(operation.reason)
    const answering = carryOut(operation, this.operated)
    await this.os.advance(ms)
    const answer = await answering
    expectDescribed(method, target, answer)
    return answer
  }
}

function expectDescribed(method: string, target: string, answer: Answer): void {
  if (answer.type !== "json") return
  const path = target.split("?")[0] ?? ""
  const { responses } = description.paths[path]?.[method.toLowerCase()] ?? { responses: {} }
  expect(Object.keys(responses), target).toContain(String(answer.status))
  const name = responses[answer.status]?.$ref?.split("/").at(-1)
  if (name === undefined) return
  const schema = `description#/components/responses/${name}/content/application~1json/schema`
  ajv.validate(schema, JSON.parse(JSON.stringify(answer.body)))
  expect(ajv.errors, `${target}: ${JSON.stringify(answer.body)}`).toBeNull()
}

test("every path is described, with its method and its parameters, and no other", () => {
  const described = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => [
      path,
      method.toUpperCase(),
      parameters.map(({ name }) => name),
    ]),
  )
  expect(described).toEqual(
    Object.entries(routes).map(([path, { method, takes }]) => [path, method, takes]),
  )
})

/** What a reader of a path is sent until the pool is done. */
async function followed(
  outside: Outside,
  target: string,
): Promise<{ readonly text: () => string; readonly hasEnded: () => boolean }> {
  const answer = await outside.ask("GET", target)
  if (answer.type !== "lines" || answer.follow === undefined) throw new Error("it is not followed")
  let { text } = answer
  let hasEnded = false
  answer.follow(
    (line) => (text += `${line}\n`),
    () => (hasEnded = true),
  )
  return { text: () => text, hasEnded: () => hasEnded }
}

describe("a pool", () => {
  test("is followed as it goes on: its notices, and the events of its recording", async () => {
    const outside = new Outside()
    const { os, operated } = outside
    await os.advance(50)
    const notices = await followed(outside, "/events?last=1")
    const recording = await followed(outside, "/recording?follow=true")
    await os.advance(1_000)
    os.crash(1)
    await os.advance(1_000)
    os.signal("SIGTERM")
    await os.advance(20_000)
    expect([notices.hasEnded(), recording.hasEnded()]).toEqual([true, true])
    const last = notices.text().trimEnd().split("\n").at(-1) ?? ""
    expect(JSON.parse(last)).toMatchObject({ type: "done" })
    const [, ...events] = recording.text().split("\n")
    const [, ...whole] = operated.pool.recording().split("\n")
    expect(events).toEqual(whole)
    expect(events.length).toBeGreaterThan(10)
  })

  test("is described as it is, from its start to its end", async () => {
    const outside = new Outside()
    for (const ms of [0, 50, 1_000]) {
      await outside.os.advance(ms)
      for (const path of ["/", "/status", "/config", "/livez", "/readyz", "/startupz"]) {
        await outside.ask("GET", path)
      }
    }
    outside.os.crash(1)
    await outside.os.advance(1)
    const { body } = (await outside.ask("GET", "/status")) as Extract<Answer, { type: "json" }>
    expect(body).toMatchObject({
      name: "shop",
      respawns: { counted: 1 },
      workers: [{ last: { level: "warn" } }, { last: { level: "info" } }],
    })
    expect(await outside.ask("GET", "/config")).toMatchObject({
      body: { workers: 2, respawnLimit: 16, run: "(a function)", timeout: 10_000 },
    })
    expect(await outside.ask("GET", "/recording")).toMatchObject({ type: "lines" })
    const events = await outside.ask("GET", "/events?last=2&follow=false")
    expect(events).toEqual({ type: "lines", text: expect.stringMatching(/^(\{"type":.+\}\n){2}$/) })
    expect(await outside.ask("POST", "/stop", 20_000)).toMatchObject({ status: 200 })
    for (const path of ["/livez", "/readyz"]) {
      expect(await outside.ask("GET", path)).toMatchObject({ status: 503 })
    }
  })

  test("does what it is asked to, and says how it ended", async () => {
    const outside = new Outside()
    expect(await outside.ask("POST", "/reload")).toMatchObject({
      status: 409,
      body: { reason: "the pool is still starting" },
    })
    await outside.os.advance(1_000)
    expect(await outside.ask("POST", "/scale?to=3", 1_000)).toMatchObject({
      status: 200,
      body: { ok: true, workers: 3 },
    })
    expect(await outside.ask("POST", "/scale?by=-1", 5_000)).toMatchObject({ body: { workers: 2 } })
    expect(await outside.ask("POST", "/scale?by=-2")).toMatchObject({ status: 409 })
    expect(await outside.ask("POST", "/recycle?id=9")).toMatchObject({
      status: 409,
      body: { reason: "there is no worker 9. There are: 1, 2" },
    })
    expect(await outside.ask("POST", "/recycle?id=1", 10_000)).toMatchObject({ status: 200 })
    expect(await outside.ask("POST", "/reload", 10_000)).toMatchObject({ status: 200 })
  })

  test("says why a reload or a replacement has failed", async () => {
    const outside = new Outside({
      workers: ({ nth }) => (nth > 1 ? { dies: { after: 5, since: "run", code: 1 } } : {}),
    })
    await outside.os.advance(1_000)
    expect(await outside.ask("POST", "/recycle?id=1", 10_000)).toMatchObject({
      status: 409,
      body: { reason: "the replacement of worker 1 failed, so the old one serves on" },
    })
    expect(await outside.ask("POST", "/reload", 10_000)).toMatchObject({
      status: 409,
      body: {
        reason: expect.stringMatching(
          /^new worker 1 \(pid \d+\) exited with code 1 before it was ready\. All 2 workers run the old code\.$/,
        ),
      },
    })
    outside.os.signal("SIGTERM")
    await outside.os.advance(0)
    expect(await outside.ask("POST", "/scale?to=4")).toMatchObject({ status: 409 })
  })
})
