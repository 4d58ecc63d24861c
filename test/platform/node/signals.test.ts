/** Listening to signals of this process, including those that a system does not have. */
import { afterEach, expect, test, vi } from "vitest"
import { onSignal } from "../../../src/platform/node/signals.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

test("onSignal() names the signal, and its result removes the listener", () => {
  const heard: string[] = []
  const before = process.listenerCount("SIGWINCH")
  const off = onSignal("SIGWINCH", (signal) => heard.push(signal))
  process.emit("SIGWINCH", "SIGWINCH")
  off()
  process.emit("SIGWINCH", "SIGWINCH")
  expect(heard).toEqual(["SIGWINCH"])
  expect(process.listenerCount("SIGWINCH")).toBe(before)
})

test("onSignal() never throws for a signal that the system refuses, nor does its result", () => {
  vi.spyOn(process, "on").mockImplementation(() => {
    throw new Error("uv_signal_start ENOSYS")
  })
  const off = onSignal("SIGTTIN", () => undefined)
  expect(off).not.toThrow()
})
