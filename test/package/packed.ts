/** The package as users get it. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Packs it into a folder. @returns the archive. */
export function pack(folder: string): string {
  const packed = npm(root, "pack", "--ignore-scripts", "--pack-destination", folder)
  return join(folder, packed.trim())
}

/** Makes a folder a program of its own, and installs the archive there. */
export function installInto(folder: string, archive: string): void {
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`)
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts"]
  // A path without the spaces that the folder may have.
  npm(folder, "install", ...flags, relative(folder, archive))
}

function npm(cwd: string, ...args: readonly string[]): string {
  // On Windows, it is a script of cmd.
  const options = { cwd, encoding: "utf8", shell: process.platform === "win32" } as const
  return execFileSync("npm", ["--silent", ...args], options)
}
