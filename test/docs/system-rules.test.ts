/**
 * The list of the rules of a whole system in docs/proof.md and the rules of the code are the same: their names, titles and order.
 */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { systemRules } from "../../src/proof/system/rules/system-rules.ts"

const page = readFileSync(new URL("../../docs/proof.md", import.meta.url), "utf8")
const [, section = ""] = /^## The whole system\n([\s\S]*?)^## /m.exec(page) ?? []

test("docs/proof.md lists every rule of a system with its name and title, in order", () => {
  const listed = section.match(/^- \*\*.+$/gm)
  expect(listed).toEqual(systemRules.map(({ name, title }) => `- **${name}**: ${title}`))
})
