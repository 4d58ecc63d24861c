import { describe, expect, test } from "vitest"
import { liveness, readiness, startup } from "../../src/operator/health.ts"
import { History } from "../../src/operator/history.ts"
import {
  foldersIn,
  isPipe,
  longestPath,
  namedBy,
  placeIn,
  placesIn,
  socketName,
} from "../../src/operator/place.ts"
import { mostNotices, operationOf } from "../../src/operator/routes.ts"
import type { Notice } from "../../src/core/notice.ts"
import type { PoolStatus } from "../../src/pool/handle.ts"

describe("a request", () => {
  test.each([
    ["GET", "/", { type: "about" }],
    ["HEAD", "/status", { type: "status" }],
    ["GET", "/events", { type: "events", last: 0, follow: true }],
    ["GET", "/events?last=9999&follow=false", { type: "events", last: mostNotices, follow: false }],
    ["GET", "/recording", { type: "recording", follow: false }],
    ["GET", "/recording?follow=true", { type: "recording", follow: true }],
    ["GET", "/readyz", { type: "ready" }],
    ["POST", "/reload", { type: "reload" }],
    ["POST", "/scale?to=3", { type: "scale", to: 3 }],
    ["POST", "/scale?by=-1", { type: "scale", by: -1 }],
    ["POST", "/recycle?id=2", { type: "recycle", id: 2 }],
    ["POST", "/stop", { type: "stop" }],
  ] as const)("%s %s is understood", (method, target, operation) => {
    expect(operationOf(method, target)).toEqual(operation)
  })

  test.each([
    ["GET", "/stat", 404, "there is nothing at this path. Did you mean /status?"],
    ["GET", "/constructor", 404, "there is nothing at this path"],
    ["GET", "", 404, "there is nothing at this path"],
    ["GET", "/x", 404, "there is nothing at this path"],
    ["GET", "/metrics?by=pid", 400, "by must be pool or worker, such as /metrics?by=worker"],
    ["GET", "/reload", 405, "this path takes POST"],
    ["DELETE", "/status", 405, "this path takes GET"],
    ["GET", "/status?x=1", 400, "this path takes no parameters"],
    ["GET", "/events?since=1", 400, "this path takes only the parameters last, follow"],
    ["GET", "/events?last=-1", 400, "last must be a whole number, 0 or more"],
    ["GET", "/events?follow=1", 400, "follow must be true or false"],
    ["POST", "/scale", 400, "give either to or by, such as /scale?to=4"],
    ["POST", "/scale?to=1&by=1", 400, "give either to or by, such as /scale?to=4"],
    ["POST", "/scale?to=0", 400, "to must be a whole number, 1 or more"],
    ["POST", "/scale?to=1e3", 400, "to must be a whole number, 1 or more"],
    ["POST", "/scale?to=9999", 400, "9999 workers is probably a typo: the limit is 1000"],
    ["POST", "/scale?by=-1001", 400, "1001 workers is probably a typo: the limit is 1000"],
    ["POST", "/scale?by=0", 400, "by must be a whole number other than 0"],
    ["POST", "/recycle", 400, "id must be the number of a worker, such as /recycle?id=2"],
  ])("%s %s is refused", (method, target, status, reason) => {
    expect(operationOf(method, target)).toMatchObject({ type: "refusal", status, reason })
  })
})

describe("the place of a socket", () => {
  const uid = 1000
  const temporary = "/tmp"

  test("is the folder of the service, of the user, or in the temporary one", () => {
    const environment = { RUNTIME_DIRECTORY: "/run/a:/run/b", XDG_RUNTIME_DIR: "/run/user/1000" }
    expect(foldersIn({ environment, uid, temporary })).toEqual([
      { path: "/run/a", isOurs: false },
      { path: "/run/user/1000/kamisama", isOurs: true },
      { path: "/tmp/kamisama-1000", isOurs: true },
    ])
    expect(foldersIn({ environment: {}, uid, temporary })).toHaveLength(1)
  })

  test.each([
    ["shop", "shop-7"],
    ["../../etc/passwd", "_.._etc_passwd-7"],
    ["a/b c\n", "a_b_c_-7"],
    ["日本", "__-7"],
    ["", "pool-7"],
    ["..", "pool-7"],
  ])("is named after a pool called %j without leading out of the folder", (name, file) => {
    expect(socketName(name, 7)).toBe(file)
    for (const hasPipes of [false, true]) {
      const place = placeIn("/run", file, hasPipes)
      expect(placesIn("/run", [place.file.slice("/run/".length)], hasPipes)).toEqual([place])
      expect(namedBy(place.path)).toEqual({ name: file.slice(0, -2), pid: 7 })
    }
  })

  test("is a pipe on Windows, with a file beside that tells of it", () => {
    const place = { path: String.raw`\\.\pipe\kamisama-shop-7`, file: "/tmp/shop-7.pipe" }
    expect(placeIn("/tmp", "shop-7", true)).toEqual(place)
    expect([place.path, place.file].map(isPipe)).toEqual([true, false])
  })

  test.each([
    [String.raw`\\.\pipe\shop`, true],
    [String.raw`\\.\PIPE\shop`, true],
    [String.raw`\\?\Pipe\shop`, true],
    ["//./pipe/shop", true],
    [String.raw`\\./pipe\shop`, true],
    ["//?/pipe/shop", true],
    [String.raw`\\.\pipes\shop`, false],
    [String.raw`\.\pipe\shop`, false],
    [String.raw`C:\pipe\shop`, false],
    ["/run/pipe/shop", false],
  ])("%s is the path of a pipe: %s", (path, expected) => {
    expect(isPipe(path)).toBe(expected)
  })

  test("is not taken for one of these", () => {
    expect(placesIn("/tmp", ["shop.js", "shop-7.js", "shop.sock", "shop-7.pipe"], false)).toEqual(
      [],
    )
    expect(placesIn("/tmp", ["shop.js", "shop-7.js", "shop.pipe", "shop-7.sock"], true)).toEqual([])
  })

  test("has no longer path than a system takes", () => {
    const name = socketName("x".repeat(300), 4_194_304)
    const { path } = placeIn("/run/user/1000/kamisama", name, false)
    expect(path.length).toBeLessThan(longestPath)
  })
})

describe("health", () => {
  const status = {
    state: "running",
    target: 2,
    ready: 1,
    workers: [],
    next: { at: 0, inMs: 340, why: "worker 2 is forked" },
  } as unknown as PoolStatus

  test("is ready while any worker serves and the pool does not stop", () => {
    expect(readiness(status, 1)).toEqual({
      ok: true,
      reason: "1 of 2 workers ready; next in 340 ms: worker 2 is forked",
    })
    expect(readiness({ ...status, state: "starting" }, 1).ok).toBe(true)
    expect(readiness({ ...status, ready: 0 }, 1).ok).toBe(false)
    const workers = [{ state: "ready", healthy: false }] as unknown as PoolStatus["workers"]
    expect(readiness({ ...status, workers, next: null }, 1)).toEqual({
      ok: false,
      reason: "0 of 2 workers ready, 1 not healthy",
    })
    for (const state of ["stopping", "done"] as const) {
      expect(readiness({ ...status, state }, 1)).toEqual({
        ok: false,
        reason: `the pool is ${state}`,
      })
    }
  })

  test.each([
    [1, 4, 1, true],
    [2, 4, 1, false],
    [2, 4, 2, true],
    [9, 4, 4, true],
    [0.5, 5, 2, false],
    [0.5, 5, 3, true],
    ["all", 4, 3, false],
    ["all", 4, 4, true],
  ] as const)("is ready at %s of %i workers with %i: %s", (readyAt, target, ready, ok) => {
    expect(readiness({ ...status, target, ready }, readyAt).ok).toBe(ok)
  })

  test("is live until the pool has given up or is done", () => {
    expect(liveness({ state: "stopping" }, false).ok).toBe(true)
    expect(liveness({ state: "stopping" }, true).ok).toBe(false)
    expect(liveness({ state: "done" }, false).ok).toBe(false)
  })

  test("has started once every worker has been ready", () => {
    expect(startup(status, false)).toEqual({ ok: false, reason: "1 of 2 workers ready" })
    expect(startup(status, true).ok).toBe(true)
  })
})

describe("the history", () => {
  function filled(notices: readonly object[]): History {
    const listeners = new Map<string, (notice: Notice) => void>()
    const on = (type: string, listener: (notice: never) => void): (() => void) => {
      listeners.set(type, listener as (notice: Notice) => void)
      return () => undefined
    }
    const history = new History({ on: on as never })
    for (const notice of notices) listeners.get((notice as Notice).type)?.(notice as Notice)
    return history
  }
  const fork = { type: "fork", level: "info", at: 1, id: 2, text: "worker 2 started" }
  const exit = { type: "exit", level: "warn", at: 2, id: 2, text: "worker 2 exited with code 1" }
  const ready = { type: "ready", level: "info", at: 3, id: 2, text: "worker 2 is ready" }

  test("knows why a worker is as it is: its last failure, or why it was started", () => {
    expect(filled([fork, ready]).about(2, null)).toEqual({ at: 1, level: "info", text: fork.text })
    const restart = { ...fork, rule: "respawn" }
    expect(filled([fork, exit, restart, ready]).about(2, null)).toMatchObject({ text: exit.text })
    // What was before a reload says nothing about the worker that came with it.
    const replaced = { ...fork, rule: "reload", text: "replacement started" }
    expect(filled([fork, exit, replaced, ready]).about(2, null)).toMatchObject({
      text: replaced.text,
    })
    expect(filled([fork]).about(3, null)).toBeNull()
    // While it is being replaced, each of its two processes has its own.
    const [old, young] = [
      { ...fork, pid: 100 },
      { ...replaced, pid: 101 },
    ]
    const both = filled([old, ready, young])
    expect(both.about(2, 100)).toMatchObject({ text: fork.text })
    expect(both.about(2, 101)).toMatchObject({ text: replaced.text })
  })

  test("keeps the latest notices, tells those who follow, and remembers what is over", () => {
    const many = Array.from({ length: mostNotices + 5 }, (_, at) => ({ ...ready, at }))
    const history = filled([...many, { type: "start" }, { type: "give-up" }])
    expect(history.last(2_000)).toHaveLength(mostNotices)
    expect(history.last(0)).toEqual([])
    expect(history).toMatchObject({ wasReady: true, hasGivenUp: true })
  })
})
