/**
 * Deletes what nobody sees who uses the package: declarations in dist that no public one leads to, and what a source file
 * says of itself at its head, which an editor shows nowhere.
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

// With the separators of this system, as the paths that are found have them.
for (const entry of entries) reach(normalize(entry))
for (const path of globSync("dist/**/*.d.ts").map(normalize)) {
  if (reached.has(path)) writeFileSync(path, withoutHead(readFileSync(path, "utf8")))
  else rmSync(path)
}

/** The first comment belongs to the file where imports or another comment follow; that of a module is kept. */
function withoutHead(text: string): string {
  const [head = ""] = /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=import |\/\*\*)/.exec(text) ?? []
  return head.includes("@module") ? text : text.slice(head.length)
}
