import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { frameworks } from "../frameworks/frameworks.ts"

const root = new URL("../../", import.meta.url)

test("the page of the recipes has every exception, and no other", () => {
  const page = readFileSync(new URL("docs/recipes/README.md", root), "utf8")
  const reasons = frameworks.flatMap(({ exceptions = {} }) => Object.values(exceptions))
  const listed = [...page.matchAll(/^- [^:]+: (.*)$/gm)].map(([, reason]) => reason)
  expect(listed.toSorted()).toEqual([...new Set(reasons)].toSorted())
})

test("each program that the tests run has a page", () => {
  const pages = readdirSync(new URL("docs/recipes/", root))
  for (const { folder } of frameworks) expect(pages).toContain(`${folder}.md`)
})
