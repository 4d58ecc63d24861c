import { beforeEach, describe, expect, test, vi } from "vitest"
import type * as module from "../../../src/platform/node/requests.ts"

/** Loaded again for each test, because it cannot be told to count no more. */
let requests: typeof module
let ends = 0

beforeEach(async () => {
  vi.resetModules()
  requests = await import("../../../src/platform/node/requests.ts")
  ends = 0
})

function count(upTo: number): void {
  requests.countRequests(upTo, () => (ends += 1))
}

describe("countRequests()", () => {
  test("calls back once, at the last of so many requests", () => {
    count(3)
    for (const expected of [0, 0, 1, 1, 1]) {
      requests.requestBegan({})
      expect(ends).toBe(expected)
    }
  })

  test("counts requests from now on", () => {
    requests.requestBegan({})
    count(1)
    expect(ends).toBe(0)
  })

  test("counts a request that is reported twice, also by its stream, once", () => {
    count(3)
    const request = {}
    requests.requestBegan(request)
    requests.requestBegan(request)
    const stream = {}
    requests.requestBegan(stream)
    requests.requestBegan({ stream })
    expect(ends).toBe(0)
    requests.requestBegan({})
    expect(ends).toBe(1)
  })
})

describe("withCountedRequests()", () => {
  const answer = (request: unknown): unknown => request

  test("leaves everything as it is if nothing is counted", () => {
    const given = { fetch: answer }
    expect(requests.withCountedRequests(given)).toBe(given)
    expect(requests.withCountedRequests(answer)).toBe(answer)
  })

  test.for([
    ["a handler", () => answer],
    ["options with a handler", () => ({ handler: answer })],
    ["options with fetch", () => ({ fetch: answer })],
    ["a route", () => ({ routes: { "/": answer } })],
    ["a method of a route", () => ({ routes: { "/": { GET: answer } } })],
  ] as const)("counts calls of %s, which gets and gives the same", ([, given]) => {
    count(1)
    let handler: unknown = requests.withCountedRequests(given())
    while (typeof handler === "object") [handler] = Object.values(handler as object)
    const { length } = handler as Function
    expect(length).toBe(1)
    expect((handler as typeof answer)("request")).toBe("request")
    expect(ends).toBe(1)
  })

  test("calls a handler with its `this`", () => {
    count(1)
    const { fetch } = requests.withCountedRequests({
      fetch(this: unknown) {
        return this
      },
    }) as { fetch(this: unknown): unknown }
    expect(fetch.call("server")).toBe("server")
  })

  test("leaves what is not a handler: other options, and routes with a ready answer", () => {
    count(1)
    const response = new Response("ready")
    const routes = { "/": response, "/off": false, "/method": { GET: response } }
    expect(requests.withCountedRequests({ port: 80, routes })).toEqual({ port: 80, routes })
    expect(requests.withCountedRequests(80)).toBe(80)
  })
})
