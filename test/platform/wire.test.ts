import { describe, expect, test } from "vitest"
import {
  isAside,
  pack,
  unpackPrimaryMessage,
  unpackWorkerMessage,
  type WorkerMessage,
} from "../../src/platform/wire.ts"
import { reportOf } from "../../src/worker/message.ts"

/** A message in its envelope, as it comes out of the channel. */
function sent(message: unknown): unknown {
  return JSON.parse(JSON.stringify({ cmd: "NODE_KAMISAMA", kamisama: message }))
}

const foreign: readonly unknown[] = [
  undefined,
  null,
  0,
  "hello",
  [],
  {},
  { type: "worker-said-hello" },
  { cmd: "NODE_KAMISAMA" },
  { cmd: "NODE_CLUSTER", kamisama: { type: "worker-said-hello" } },
]

const malformed: readonly unknown[] = [
  null,
  [],
  "worker-said-hello",
  {},
  { type: 7 },
  { type: "hello" },
  { type: "toString" },
  { type: "worker-was-signaled" },
  { type: "worker-was-signaled", signal: 15 },
  { type: "worker-measured" },
  { type: "worker-measured", memoryBytes: -1 },
  { type: "worker-measured", memoryBytes: "1" },
  { type: "worker-measured", memoryBytes: null },
  { type: "worker-failed", during: "run" },
  { type: "worker-failed", during: "lunch", error: "Error: x" },
  { type: "worker-failed", during: "toString", error: "Error: x" },
  { type: "lost-handle", key: 0 },
  { type: "load", loopUse: -1, lagMs: 1.5, connections: 3, requestsPerSecond: null },
  { type: "load", loopUse: 1, lagMs: 1.5, connections: null, requestsPerSecond: 1 },
  { type: "load", loopUse: 1, lagMs: 1.5, connections: 3, requestsPerSecond: "1" },
  { type: "load", loopUse: 1, lagMs: 1.5, connections: 3, requestsPerSecond: -1 },
  { type: "spawned", identity: 7 },
  { type: "health", isHealthy: 1 },
  { type: "metrics", metrics: {} },
  { type: "run", slot: 0, willListen: false },
  { type: "run", slot: 1 },
  { type: "stop", signal: "SIGTERM" },
  { type: "stop", signal: "SIGTERM", cause: "weather" },
  { type: "stop", signal: "SIGTERM", cause: "toString" },
  { type: "stop", signal: "SIGTERM", cause: "primary-gone" },
  { type: "stop", signal: {}, cause: "stop" },
]

describe("wire", () => {
  test.each([
    { type: "worker-said-hello" },
    { type: "worker-became-ready" },
    { type: "worker-sent-heartbeat", agoMs: 0 },
    { type: "worker-measured", memoryBytes: 60_000_000 },
    { type: "worker-served-requests", requests: 9_620 },
    { type: "worker-asked-for-replacement" },
    { type: "worker-asked-for-leadership" },
    { type: "worker-was-signaled", signal: "SIGINT" },
    { type: "worker-failed", during: "shutdown", error: "Error: x" },
    { type: "bye" },
    { type: "lost-handle", key: "null:80:4:undefined" },
    { type: "load", loopUse: 0.5, lagMs: 1.5, connections: 3, requestsPerSecond: null },
    { type: "load", loopUse: 0.5, lagMs: 1.5, connections: 3, requestsPerSecond: 7 },
    { type: "load-unknown" },
    { type: "spawned", identity: "20:5" },
    { type: "health", isHealthy: false },
    { type: "metrics", metrics: ["up 1"] },
  ] as const)("unpackWorkerMessage() understands $type after a journey as JSON", (message) => {
    const raw: unknown = JSON.parse(JSON.stringify(pack(message)))
    expect(unpackWorkerMessage(raw)).toEqual(message)
  })

  test.each([
    { type: "run", slot: 1, willListen: false },
    { type: "grant-leadership" },
    { type: "stop", signal: "SIGTERM", cause: "give-up" },
    { type: "listening" },
    { type: "send-load" },
    { type: "send-metrics" },
    { type: "send-clients-elsewhere" },
    { type: "bye" },
  ] as const)("unpackPrimaryMessage() understands $type after a journey as JSON", (message) => {
    const raw: unknown = JSON.parse(JSON.stringify(pack(message)))
    expect(unpackPrimaryMessage(raw)).toEqual(message)
  })

  test("isAside() tells the messages that no event follows from", () => {
    const isAsideOf = (message: WorkerMessage): boolean => isAside(message)
    expect(isAsideOf({ type: "bye" })).toBe(true)
    expect(isAsideOf({ type: "health", isHealthy: true })).toBe(true)
    expect(isAsideOf({ type: "worker-said-hello" })).toBe(false)
  })

  test.for(foreign)("neither side takes the foreign message %o", (raw) => {
    expect(unpackWorkerMessage(raw)).toBeUndefined()
    expect(unpackPrimaryMessage(raw)).toBeUndefined()
  })

  test.for(malformed)("neither side takes the malformed message %o", (message) => {
    expect(unpackWorkerMessage(sent(message))).toBeUndefined()
    expect(unpackPrimaryMessage(sent(message))).toBeUndefined()
  })

  test.each([
    { type: "worker-exited", code: 0, signal: null },
    { type: "fork-failed", error: "EAGAIN" },
    { type: "stop-requested", signal: "SIGTERM" },
    { type: "deadline-reached" },
  ])("unpackWorkerMessage() takes no $type: a worker reports only about itself", (message) => {
    expect(unpackWorkerMessage(sent(message))).toBeUndefined()
  })

  test("unpackWorkerMessage() drops fields that the message does not have, such as another worker", () => {
    const worker = { slot: 7, incarnation: 7 }
    const message = { type: "worker-measured", memoryBytes: 1, worker, at: 5 }
    expect(unpackWorkerMessage(sent(message))).toEqual({ type: "worker-measured", memoryBytes: 1 })
  })
})

describe("reportOf()", () => {
  test("adds the worker to its message, in the order in which a recording has the fields", () => {
    const worker = { slot: 2, incarnation: 5 }
    const report = reportOf(worker, { type: "worker-measured", memoryBytes: 9 })
    expect(JSON.stringify(report)).toBe(
      '{"type":"worker-measured","worker":{"slot":2,"incarnation":5},"memoryBytes":9}',
    )
  })
})
