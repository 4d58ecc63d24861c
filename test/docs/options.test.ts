/**
 * The page of the options and the table of the core say the same: the names, the defaults and the units.
 */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import type { Field, Form } from "../../src/core/plan/checks.ts"
import { optionTable } from "../../src/core/plan/options.ts"

const page = readFileSync(new URL("../../docs/options.md", import.meta.url), "utf8")
const [, overview = ""] = /^## Overview\n([\s\S]*?)^## /m.exec(page) ?? []
const rows = [...overview.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(
  ([, name = "", given = "", meaning = ""]) => ({ name, default: given, meaning }),
)

/** A value as the page writes it. */
function written(value: unknown): string {
  if (typeof value === "number") return String(value).replaceAll(/\B(?=(\d{3})+$)/g, "_")
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${name}: ${written(member)}`)
  return `{ ${members.join(", ")} }`
}

function defaultOf({ default: value, otherwise }: Field): string {
  return otherwise ?? written(value)
}

/** The units of an option and of its members. */
function unitsOf({ unit, fields = {} }: Form): readonly string[] {
  return [unit ?? [], ...Object.values(fields).map(unitsOf)].flat()
}

function plain(cell: string): string {
  return cell.replaceAll(/`|\[([^\]]*)\]\([^)]*\)/g, "$1")
}

test("the overview has a row for each option, in their order, and no other", () => {
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(optionTable))
})

describe.each(Object.entries(optionTable))("%s", (name, field) => {
  const row = rows.find((one) => one.name === name)
  const [, section = ""] =
    new RegExp(`^## \`${name}\`\n([\\s\\S]*?)(?:^## |$(?![\\s\\S]))`, "m").exec(page) ?? []

  test("has its default in the overview", () => {
    expect(plain(row?.default ?? "")).toBe(defaultOf(field))
  })

  test("has its unit in the overview", () => {
    const words = row?.meaning.match(/\w+/g) ?? []
    for (const unit of unitsOf(field)) expect(words).toContain(unit)
  })

  test("has a section with its type and its default", () => {
    expect(section).toMatch(/^- \*\*Type:\*\* ./m)
    const [, given = ""] = /^- \*\*Default:\*\* (.*)$/m.exec(section) ?? []
    expect(given).not.toBe("")
    if (field.otherwise === undefined) expect(plain(given)).toBe(defaultOf(field))
  })
})

test("a quantity has a unit, and so do the members of an object", () => {
  expect(unitsOf(optionTable.timeout)).toEqual(["ms"])
  expect(unitsOf(optionTable.recycle)).toEqual(["ms", "bytes"])
  expect(unitsOf(optionTable.backoff)).toEqual(["ms", "ms"])
  expect(unitsOf(optionTable.workers)).toEqual([])
})
