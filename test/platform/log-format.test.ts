import { describe, expect, test } from "vitest"
import {
  formatted,
  lineAsJson,
  prefixed,
  reformatted,
  splitLines,
} from "../../src/platform/log-format.ts"

const at = Date.UTC(2026, 10, 30, 13)
const time = "2026-11-30T13:00:00.000Z"

describe("a line of the log", () => {
  test("has the time in front, as text", () => {
    const line = "[kamisama] warn: worker 1 exited\n  at x"
    expect(reformatted("text", at, line)).toBe(`${time} ${line}`)
    expect(formatted("text", at, "info", "ready")).toBe(`${time} [kamisama] info: ready`)
    expect(reformatted("plain", at, line)).toBe(line)
  })

  test("is an object of JSON, with its stack", () => {
    const line = "[kamisama] error: run failed: Error: x\n  \tat y"
    expect(JSON.parse(reformatted("json", at, line))).toEqual({
      time,
      level: "error",
      name: "kamisama",
      msg: "run failed: Error: x\n\tat y",
    })
    expect(JSON.parse(formatted("json", at, "warn", "died", { worker: 2, code: null }))).toEqual({
      time,
      level: "warn",
      name: "kamisama",
      msg: "died",
      worker: 2,
      code: null,
    })
  })

  test("is a list of assignments in logfmt, that no text can leave", () => {
    expect(formatted("logfmt", at, "warn", 'a "b"\nc', { worker: 2, ids: [1], note: "" })).toBe(
      `time=${time} level=warn name=kamisama msg="a \\"b\\"\\\\nc" worker=2 ids=[1] note=""`,
    )
  })

  test("is left alone if it is none", () => {
    expect(reformatted("json", at, "hello")).toBe("hello")
    expect(reformatted("json", at, '{"time":1}')).toBe('{"time":1}')
  })
})

describe("a line of a worker", () => {
  const source = { worker: 2, pid: 41, stream: "stdout" } as const

  test("has its number in front", () => {
    expect(prefixed(source, "hello")).toBe("2 | hello")
    expect(prefixed({ ...source, worker: 0 }, "")).toBe("spare | ")
  })

  test.each([
    ["hello", { time, worker: 2, pid: 41, stream: "stdout", msg: "hello" }],
    ["{not json}", { time, worker: 2, pid: 41, stream: "stdout", msg: "{not json}" }],
    ["[1]", { time, worker: 2, pid: 41, stream: "stdout", msg: "[1]" }],
    ['{"msg":"hi"}', { worker: 2, pid: 41, msg: "hi" }],
    [' { "worker": "mine" }', { worker: "mine", pid: 41 }],
    ["{ }", { worker: 2, pid: 41 }],
    [
      "[kamisama] warn: slow",
      { time, level: "warn", name: "kamisama", msg: "slow", worker: 2, pid: 41 },
    ],
  ])("is an object of JSON: %s", (line, expected) => {
    expect(JSON.parse(lineAsJson(source, at, line))).toEqual(expected)
  })
})

test("text is split into lines, whatever its pieces are", () => {
  const text = "one\n\ntwo\nthree"
  for (let size = 1; size <= text.length; size += 1) {
    const lines: string[] = []
    let rest = ""
    for (let start = 0; start < text.length; start += size) {
      const split = splitLines(rest, text.slice(start, start + size))
      lines.push(...split.lines)
      rest = split.rest
    }
    expect([lines, rest]).toEqual([["one", "", "two"], "three"])
  }
  expect(splitLines("x".repeat(1_048_576), "y")).toEqual({
    lines: [`${"x".repeat(1_048_576)}y`],
    rest: "",
  })
})
