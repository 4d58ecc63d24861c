/**
 * The list of the safety rules in docs/proof.md and the rules of the code are the same: their numbers, titles and order.
 */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { rules } from "../../src/proof/rules/check-log.ts"

const page = readFileSync(new URL("../../docs/proof.md", import.meta.url), "utf8")
const [, section = ""] = /^## The rules\n([\s\S]*?)^## /m.exec(page) ?? []

test("docs/proof.md lists every rule with its number and title, in order", () => {
  const listed = section.match(/^\d+\. .+$/gm)
  expect(listed).toEqual(rules.map(({ number, title }) => `${number}. ${title}`))
})

test("the rules are numbered from 1 on", () => {
  expect(rules.map(({ number }) => number)).toEqual(rules.map((_, index) => index + 1))
})

test("docs/proof.md says how many rules there are", () => {
  const counts = [...page.matchAll(/(\d+) safety rules|Rules 1 to (\d+)/g)]
  expect(counts.map(([, total, last]) => Number(total ?? last))).toEqual(
    counts.map(() => rules.length),
  )
  expect(counts).toHaveLength(3)
})
