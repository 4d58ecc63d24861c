import { once } from "node:events"
import { afterEach, describe, expect, test } from "vitest"
import {
  keepListenersApart,
  ownListeners,
  putListenersBack,
} from "../../../src/platform/node/own-listeners.ts"
import { onSignal } from "../../../src/platform/node/signals.ts"

const heard: string[] = []
const added: (() => void)[] = []

/** Keeps the listeners to SIGWINCH apart, which ends no process that does not listen to it. */
function keepApart(): void {
  added.push(onSignal("SIGWINCH", () => heard.push("kamisama")))
  keepListenersApart(["SIGWINCH"])
}

function callOwn(): unknown[] {
  return ownListeners("SIGWINCH").map((listener) => listener.call(process, "SIGWINCH"))
}

afterEach(() => {
  putListenersBack()
  process.removeAllListeners("SIGWINCH")
  for (const remove of added.splice(0)) remove()
  heard.length = 0
})

describe("a listener of the program to a signal that is kept apart", () => {
  test("does not hear the signal, whether it was added before or after", () => {
    process.once("SIGWINCH", () => heard.push("before"))
    keepApart()
    process.on("SIGWINCH", () => heard.push("after"))
    process.emit("SIGWINCH")
    expect(heard).toEqual(["kamisama"])
    callOwn()
    callOwn()
    expect(heard).toEqual(["kamisama", "before", "after", "after"])
  })

  test("is found, removed and counted as usual, beside the one of kamisama", async () => {
    keepApart()
    const listener = (): number => 1
    const first = (): number => 2
    expect(process.on("SIGWINCH", listener)).toBe(process)
    process.prependOnceListener("SIGWINCH", first)
    expect(process.listenerCount("SIGWINCH")).toBe(3)
    expect(process.listeners("SIGWINCH").slice(1)).toEqual([first, listener])
    expect(process.off("SIGWINCH", listener)).toBe(process)
    expect(callOwn()).toEqual([2])
    expect(process.listenerCount("SIGWINCH")).toBe(1)
    const awaited = once(process, "SIGWINCH")
    callOwn()
    expect(await awaited).toEqual(["SIGWINCH"])
    process.on("SIGWINCH", listener)
    process.removeAllListeners("SIGWINCH")
    expect(ownListeners("SIGWINCH")).toEqual([])
    process.emit("SIGWINCH")
    expect(heard).toEqual(["kamisama"])
  })

  test("hears the signal again once it was put back", () => {
    const { on } = process
    keepApart()
    process.on("SIGWINCH", () => heard.push("on"))
    process.once("SIGWINCH", () => heard.push("once"))
    putListenersBack()
    process.emit("SIGWINCH")
    process.emit("SIGWINCH")
    expect(heard).toEqual(["kamisama", "on", "once", "kamisama", "on"])
    expect(process.on).toBe(on)
    expect(Object.hasOwn(process, "on")).toBe(false)
  })
})

test("a listener to another signal or event is left alone", () => {
  keepApart()
  const listener = (): unknown => heard.push("other")
  process.on("SIGCONT", listener)
  process.emit("SIGCONT")
  process.off("SIGCONT", listener)
  expect(heard).toEqual(["other"])
  expect(ownListeners("SIGCONT")).toEqual([])
})
