import { describe, expect, test } from "vitest"
import { firstLine, logLine, oneLine } from "../../src/core/log-line.ts"

describe("oneLine()", () => {
  test.each([
    ["plain text, ü and 日本", "plain text, ü and 日本"],
    ["two\nlines", "two\\nlines"],
    ["a\r\n\tb", "a\\x0d\\n\\x09b"],
    ["\u001b[31mred\u001b[0m", "\\x1b[31mred\\x1b[0m"],
    ["bell\u0007 and C1 \u009b", "bell\\x07 and C1 \\x9b"],
    ["line\u2028separator", "line\\u2028separator"],
    ["turned \u202e around", "turned \\u202e around"],
  ])("of %j is %j", (text, line) => {
    expect(oneLine(text)).toBe(line)
  })
})

test("firstLine() leaves out the stack", () => {
  expect(firstLine("Error: \u0007no database\n    at run")).toBe("Error: \\x07no database")
})

describe("logLine()", () => {
  test("begins with the mark and the level", () => {
    expect(logLine("warn", "worker 1 exited")).toBe("[kamisama] warn: worker 1 exited")
  })

  test("indents the lines of a stack, and keeps its tabs", () => {
    expect(logLine("error", "Error: a\r\n    at b\n\tat c\n}")).toBe(
      "[kamisama] error: Error: a\n      at b\n  \tat c\n  }",
    )
  })

  test("does not let a text forge a line or control the terminal", () => {
    const text = "Error: a\n[kamisama] error: giving up\u001b[2J"
    expect(logLine("warn", text)).toBe(
      "[kamisama] warn: Error: a\n  \\x5bkamisama] error: giving up\\x1b[2J",
    )
  })
})
