/** Heartbeats as the time of a file. The tests with real processes are in test/real/heartbeat.test.ts. */
import { readdirSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { openHeartbeatFile, sendHeartbeat } from "../../../src/platform/node/heartbeat-file.ts"

describe.skipIf(process.platform !== "linux")("the file of heartbeats", () => {
  test("shows each heartbeat once, with how long ago it was sent", async () => {
    const file = openHeartbeatFile()!
    expect(file.look()).toBeUndefined()
    const before = performance.now()
    expect(sendHeartbeat(file.fd)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const agoMs = file.look() ?? Number.NaN
    expect(agoMs).toBeGreaterThan(10)
    // The time of a file is kept a little less exactly than the clock.
    expect(agoMs).toBeLessThan(performance.now() - before + 1)
    expect(file.look()).toBeUndefined()
    file.close()
  })

  test("has no name", () => {
    const file = openHeartbeatFile()!
    const own = readdirSync("/dev/shm").filter((name) => name.startsWith(`kamisama-${process.pid}`))
    expect(own).toEqual([])
    file.close()
  })

  test("is no error where it is missing", () => {
    const file = openHeartbeatFile()!
    file.close()
    expect(sendHeartbeat(file.fd)).toBe(false)
  })
})
