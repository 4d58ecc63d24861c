import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutants } from "./mutants.ts"

test("every planted bug still has its place in the core", () => {
  const lost = mutants.filter(({ file, find }) => {
    const text = readFileSync(new URL(`../../src/core/${file}`, import.meta.url), "utf8")
    return text.split(find).length !== 2
  })
  expect(lost.map(({ file, why }) => `${file}: ${why}`)).toEqual([])
})
