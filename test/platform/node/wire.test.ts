import { describe, expect, test } from "vitest"
import { pack, unpackPrimaryMessage, unpackWorkerMessage } from "../../../src/platform/node/wire.ts"

const strange: readonly unknown[] = [
  undefined,
  null,
  0,
  "hello",
  [],
  {},
  { type: "hello" },
  { cmd: "NODE_KAMISAMA" },
  { cmd: "NODE_KAMISAMA", kamisama: null },
  { cmd: "NODE_KAMISAMA", kamisama: [] },
  { cmd: "NODE_KAMISAMA", kamisama: { type: 7 } },
  { cmd: "NODE_CLUSTER", kamisama: { type: "hello" } },
  { cmd: "NODE_KAMISAMA", kamisama: { type: "stop", signal: "SIGTERM", cause: "weather" } },
  { cmd: "NODE_KAMISAMA", kamisama: { type: "stop", signal: {}, cause: "stop" } },
  { cmd: "NODE_KAMISAMA", kamisama: { type: "signaled", signal: 15 } },
  { cmd: "NODE_KAMISAMA", kamisama: { type: "failed", during: "run" } },
  { cmd: "NODE_KAMISAMA", kamisama: { type: "lost-handle", key: 0 } },
]

describe("wire", () => {
  test.each([
    { type: "hello" },
    { type: "ran" },
    { type: "ready" },
    { type: "bye" },
    { type: "lost-handle", key: "null:80:4:undefined" },
    { type: "signaled", signal: "SIGINT" },
    { type: "failed", during: "shutdown", error: "Error: x" },
  ] as const)("unpackWorkerMessage() understands $type after a journey as JSON", (message) => {
    expect(unpackWorkerMessage(JSON.parse(JSON.stringify(pack(message))))).toEqual(message)
  })

  test.each([
    { type: "run" },
    { type: "exclusive" },
    { type: "bye" },
    { type: "listening" },
    { type: "stop", signal: "SIGTERM", cause: "give-up" },
  ] as const)("unpackPrimaryMessage() understands $type after a journey as JSON", (message) => {
    expect(unpackPrimaryMessage(JSON.parse(JSON.stringify(pack(message))))).toEqual(message)
  })

  test.each(strange)("takes %o for nobody's", (raw) => {
    expect(unpackWorkerMessage(raw)).toBeUndefined()
    expect(unpackPrimaryMessage(raw)).toBeUndefined()
  })
})
