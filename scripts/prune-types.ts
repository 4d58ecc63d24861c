/**
 * Deletes the declarations in dist that no public one leads to: whoever uses the package never sees them.
 */
import { globSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"

const entries = ["dist/index.d.ts", "dist/core/index.d.ts", "dist/platform/fake/index.d.ts"]
const reached = new Set<string>()

function reach(path: string): void {
  if (reached.has(path)) return
  reached.add(path)
  for (const [, to = ""] of readFileSync(path, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
    reach(join(dirname(path), to.replace(/\.(ts|js)$/, ".d.ts")))
  }
}

for (const entry of entries) reach(entry)
for (const path of globSync("dist/**/*.d.ts")) if (!reached.has(path)) rmSync(path)
