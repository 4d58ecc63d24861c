import { describe, expect, test } from "vitest"
import { check, errorOf, type Form } from "../../../src/core/plan/checks.ts"
import * as forms from "../../../src/core/plan/forms.ts"

/** What is said about a value; undefined if it fits. */
function said(form: Form, value: unknown): string | undefined {
  const error = errorOf(() => check("call", "x", form, value))
  return error && `${error.name}: ${error.message}`
}

/** The advice about a value that does not fit. */
function advice(form: Form, value: unknown): string | undefined {
  return form.advise?.(value)
}

describe("forms", () => {
  test.each<[string, Form, readonly unknown[], readonly unknown[]]>([
    ["integer()", forms.integer(2, 5, "2 to 5"), [2, 5], [1, 6, 2.5, NaN]],
    ["integerOrInfinity()", forms.integerOrInfinity(0), [0, 3, Infinity], [-1, -Infinity, 0.5]],
    ["duration", forms.duration, [1, forms.longestMs], [0, forms.longestMs + 1, 1.5]],
    ["span", forms.span, [0, 0.5, 3], [-0.1, Infinity, NaN]],
    ["seed", forms.seed, [0, -7, 2 ** 52, -(2 ** 52)], [0.5, 2 ** 52 + 1, -(2 ** 53), Infinity]],
    ["bytes", forms.bytes, [1, 2 ** 40], [0, -1]],
    ["oneOf()", forms.oneOf(["one", "two"]), ["one", "two"], ["three", ""]],
    ["listOf()", forms.listOf(forms.positive, "a list"), [[1], [1, 2]], [[]]],
  ])("%s takes values of its type that obey its rule", (_, form, right, wrong) => {
    for (const value of right) expect(said(form, value)).toBe(undefined)
    for (const value of wrong) expect(said(form, value)).toMatch(/^RangeError: call: "x" must be /)
  })

  test.each<[string, Form, unknown]>([
    ["a number", forms.span, "1"],
    ["true or false", forms.boolean, 1],
    ["a function", forms.func, {}],
    ["a text", forms.text("a text"), 1],
    ["one of some texts", forms.oneOf(["one"]), 1],
    ["a list", forms.listOf(forms.positive, "a list"), "1"],
    ["an object", forms.record({ one: forms.positive }, "{ one: 1 }"), 1],
  ])("%s is told from a value of another type", (_, form, value) => {
    expect(said(form, value)).toMatch(/^TypeError: call: "x" must be /)
  })

  test("anything takes everything", () => {
    for (const value of [undefined, null, 1, "", {}]) {
      expect(said(forms.anything, value)).toBe(undefined)
    }
  })

  test("listOf() names the element that is wrong", () => {
    expect(said(forms.listOf(forms.positive, "a list"), [1, 0])).toBe(
      'RangeError: call: "x[1]" must be a positive integer, got 0',
    )
  })

  test("record() names the member that is wrong, and the one that was meant", () => {
    const form = forms.record({ min: forms.positive, name: forms.text("a name") }, "{ min: 1 }")
    expect(said(form, { min: 0 })).toContain('"x.min" must be a positive integer, got 0')
    expect(said(form, 5)).toBe(
      'TypeError: call: "x" must be an object such as { min: 1 }, got 5. Did you mean { min: 5 }?',
    )
    expect(advice(form, "five")).toBe("Did you mean { name: five }?")
    expect(advice(form, 0)).toBe(undefined)
  })

  test("a rule lists its texts", () => {
    expect(forms.oneOf(["one"]).rule).toBe('"one"')
    expect(forms.oneOf(["one", "two"]).rule).toBe('"one" or "two"')
    expect(forms.oneOf(["one", "two", "three"]).rule).toBe('"one", "two" or "three"')
    expect(forms.integerOrInfinity(3).rule).toBe("an integer, 3 or more, or Infinity")
    expect(forms.durationFrom(0).rule).toBe("a whole number of milliseconds from 0 to 2147483647")
    expect(forms.orFalse(forms.positive).rule).toBe("false or a positive integer")
  })

  test("orFalse() takes false, and says so for what others write instead", () => {
    const form = forms.orFalse(forms.positive)
    expect(said(form, false)).toBe(undefined)
    expect(said(form, 3)).toBe(undefined)
    for (const off of [0, Infinity, null, "false", "off"]) {
      expect(advice(form, off)).toBe("Use false to turn it off.")
    }
    expect(advice(form, "3")).toBe("Convert it with Number().")
    expect(advice(form, true)).toBe(undefined)
  })

  test("either() takes what one of its forms takes, and advises as the first that can", () => {
    const form = forms.either("a text or a function", forms.oneOf(["one"]), forms.func)
    expect(said(form, "one")).toBe(undefined)
    expect(said(form, () => undefined)).toBe(undefined)
    expect(said(form, "on")).toBe(
      'RangeError: call: "x" must be a text or a function, got "on". Did you mean "one"?',
    )
    expect(said(form, 1)).toBe('TypeError: call: "x" must be a text or a function, got 1')
  })

  test("only a boolean in quotes is advised to lose them", () => {
    expect(advice(forms.boolean, "true")).toBe("Write true without quotes.")
    expect(advice(forms.boolean, "false")).toBe("Write false without quotes.")
    expect(advice(forms.boolean, "yes")).toBe(undefined)
  })

  test.each([
    ["5s", "Write 5_000 for 5 s."],
    [" 5 s ", "Write 5_000 for 5 s."],
    ["1.25 s", "Write 1_250 for 1.25 s."],
    ["90 sec", "Write 90_000 for 90 sec."],
    ["250ms", "Write 250 for 250 ms."],
    ["250 milliseconds", "Write 250 for 250 milliseconds."],
    ["2 min", "Write 120_000 for 2 min."],
    ["2m", "Write 120_000 for 2 m."],
    ["1 Hour", "Write 3_600_000 for 1 Hour."],
    ["1 day", "Write 86_400_000 for 1 day."],
    ["10", "Convert it with Number()."],
    ["", undefined],
    [" ", undefined],
    ["soon", undefined],
    ["5 parsecs", undefined],
    ["5 s and more", undefined],
    ["in 5 s", undefined],
    [5, undefined],
  ])("a duration that is given as %j gets the advice %j", (given, expected) => {
    expect(advice(forms.duration, given)).toBe(expected)
  })

  test.each([
    ["512M", "Write 536_870_912 for 512 M."],
    ["1.5 gb", "Write 1_610_612_736 for 1.5 gb."],
    ["2 KiB", "Write 2_048 for 2 KiB."],
    ["100 bytes", "Write 100 for 100 bytes."],
    ["5 s", undefined],
  ])("an amount of memory that is given as %j gets the advice %j", (given, expected) => {
    expect(advice(forms.bytes, given)).toBe(expected)
  })

  test("a number without a unit gets no advice about units", () => {
    expect(advice(forms.positive, "5 s")).toBe(undefined)
    expect(forms.positive.unit).toBe(undefined)
    expect(forms.duration.unit).toBe("ms")
    expect("unit" in forms.positive).toBe(false)
  })

  test("a figure is grouped as it can be copied into a program", () => {
    expect([7, 999, 1_000, 1_234_567].map(forms.grouped)).toEqual([
      "7",
      "999",
      "1_000",
      "1_234_567",
    ])
  })
})
