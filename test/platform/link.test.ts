import { describe, expect, test } from "vitest"
import { died, heard, type Link, newLink } from "../../src/platform/link.ts"
import type { FromWorker } from "../../src/worker/message.ts"

const hello: FromWorker = { type: "worker-said-hello" }
const ready: FromWorker = { type: "worker-became-ready" }
const heartbeat: FromWorker = { type: "worker-sent-heartbeat", agoMs: 0 }
const measured: FromWorker = { type: "worker-measured", memoryBytes: 1 }
const asked: FromWorker = { type: "worker-asked-for-replacement" }
const signaled: FromWorker = { type: "worker-was-signaled", signal: "SIGTERM" }
const failed: FromWorker = { type: "worker-failed", during: "run", error: "no database" }

/** The types of the messages that are reported, of all that arrive. */
function reported(messages: readonly FromWorker[], first: Link = newLink): string[] {
  let link = first
  return messages.flatMap((message) => {
    const next = heard(link, message)
    if (next === undefined) return []
    link = next
    return message.type
  })
}

describe("what a worker says is reported", () => {
  test("once, if it is its hello or that it is ready", () => {
    expect(reported([hello, hello, ready, ready, hello])).toEqual([hello.type, ready.type])
  })

  test("only after its hello", () => {
    expect(reported([ready, asked, signaled, hello])).toEqual([hello.type])
    expect(reported([hello, asked, signaled])).toEqual([hello.type, asked.type, signaled.type])
  })

  test("only once it is ready, if it is a heartbeat or a measurement", () => {
    expect(reported([hello, heartbeat, measured, ready, heartbeat, measured])).toEqual([
      hello.type,
      ready.type,
      heartbeat.type,
      measured.type,
    ])
  })

  test("not after its exit, but for an error", () => {
    const dead = died({ said: "ready", isDead: false })
    expect(dead).toEqual({ said: "ready", isDead: true })
    expect(reported([heartbeat, signaled, failed], dead)).toEqual([failed.type])
  })
})

test("an exit is reported once", () => {
  const dead = died(newLink)
  expect(dead && died(dead)).toBeUndefined()
})
