/**
 * Deletes what users of the package never see: declarations in dist that no public one leads to, and the head comments of
 * source files, which no editor shows.
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const entries = ["dist/index.d.ts", "dist/core/index.d.ts", "dist/fake.d.ts"]
const reached = new Set<string>()

function reach(path: string): void {
  if (reached.has(path)) return
  reached.add(path)
  for (const [, to = ""] of readFileSync(path, "utf8").matchAll(/from "(\.[^"]+)"/g)) {
    reach(join(dirname(path), to.replace(/\.(ts|js)$/, ".d.ts")))
  }
}

// With the path separators of this system, which globSync() uses.
for (const entry of entries) reach(normalize(entry))
for (const path of globSync("dist/**/*.d.ts").map(normalize)) {
  if (reached.has(path)) writeFileSync(path, withoutHead(readFileSync(path, "utf8")))
  else rmSync(path)
}

/** The first comment is the file's own if imports or another comment follow it. A comment with @module is kept. */
function withoutHead(text: string): string {
  const [head = ""] = /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=import |\/\*\*)/.exec(text) ?? []
  return head.includes("@module") ? text : text.slice(head.length)
}
