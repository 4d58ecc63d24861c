import { expect, test } from "vitest"
import type { Command } from "../../src/core/command.ts"
import { carryOut, type Orders } from "../../src/pool/carry-out.ts"

/** What is ordered for a command of this type, with all that it is told. */
function ordered(type: Command["type"], over: object = {}): unknown[] {
  const given: unknown[] = []
  const orders = new Proxy({} as Orders, {
    get:
      (_orders, name) =>
      (...told: unknown[]) =>
        given.push([name, ...told]),
  })
  carryOut({ type, ...over } as Command, orders)
  return given
}

const worker = { slot: 2, incarnation: 7 }

test("each command about a worker is one order", () => {
  expect(ordered("fork-worker", { worker })).toEqual([["fork", worker]])
  expect(ordered("run-worker", { worker })).toEqual([["run", worker]])
  expect(ordered("grant-leadership", { worker })).toEqual([["grantLeadership", worker]])
  expect(ordered("kill-worker", { worker })).toEqual([["kill", worker]])
  const stop = { worker, signal: "SIGINT", cause: "reload" }
  expect(ordered("stop-worker", stop)).toEqual([["stop", worker, "SIGINT", "reload"]])
})

test("each command about a new primary is one order", () => {
  expect(ordered("start-successor")).toEqual([["startSuccessor"]])
  expect(ordered("stop-successor")).toEqual([["stopSuccessor"]])
  expect(ordered("kill-successor")).toEqual([["killSuccessor"]])
})

test("ports are released once the pool stops, and before that clients are sent elsewhere", () => {
  expect(ordered("announce-stop-delay")).toEqual([["sendClientsElsewhere"]])
  expect(ordered("announce-stop")).toEqual([["releasePorts"]])
  expect(ordered("announce-give-up")).toEqual([["releasePorts"]])
})

test("the end has its code", () => {
  expect(ordered("finish", { code: 1 })).toEqual([["finish", 1]])
})

test.each(["announce-scale", "announce-reload", "announce-incident", "announce-upgrade"] as const)(
  "%s asks nothing of the platform",
  (type) => expect(ordered(type)).toEqual([]),
)
