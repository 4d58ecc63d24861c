import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { mutants } from "./mutants.ts"
import { systemMutants } from "./system-mutants.ts"

test.each([
  { folder: "src/core", planted: mutants },
  { folder: "src", planted: systemMutants },
])("every planted bug still has its place in $folder", ({ folder, planted }) => {
  const lost = planted.filter(({ file, find }) => {
    const text = readFileSync(new URL(`../../${folder}/${file}`, import.meta.url), "utf8")
    return text.split(find).length !== 2
  })
  expect(lost.map(({ file, why }) => `${file}: ${why}`)).toEqual([])
})
