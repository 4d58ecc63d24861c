/**
 * The package as users install it: packed, in a folder whose name has spaces, with the command as npm makes it.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import cmdShim from "cmd-shim"
import type { System } from "./system.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Installs it into a new folder. @returns the folder. */
export async function install(system: System): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), "kamisama-portable-"))
  const folder = join(parent, "a folder (2)")
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`)
  // On Windows, npm is a script of cmd.
  const options = { encoding: "utf8", shell: process.platform === "win32" } as const
  const packFlags = ["--ignore-scripts", "--silent", "--pack-destination", parent]
  const packed = execFileSync("npm", ["pack", ...packFlags], { ...options, cwd: root })
  const flags = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
  const archive = `../${packed.trim()}`
  execFileSync("npm", ["install", ...flags, archive], { ...options, cwd: folder })
  if (system.isWindows && process.platform !== "win32") await makeCommand(folder)
  return folder
}

/**
 * Makes the command that npm would make on Windows. Its last line relies on that `goto` with an unknown label fails. In Wine,
 * that ends the file without a word, so it is taken out. All that it does is to keep the window's title.
 */
async function makeCommand(folder: string): Promise<void> {
  const command = join(folder, "node_modules", ".bin", "kamisama")
  await cmdShim(join(folder, "node_modules", "kamisama", "dist", "cli.js"), `${command}-windows`)
  const lines = readFileSync(`${command}-windows.cmd`, "utf8")
  const unknownLabel = "goto #_undefined_# 2>NUL || "
  if (!lines.includes(unknownLabel)) throw new Error(`npm makes another command now: ${lines}`)
  writeFileSync(`${command}.cmd`, lines.replace(unknownLabel, ""))
}
