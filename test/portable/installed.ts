/**
 * The package as users install it: packed, in a folder whose name has spaces, with the command as npm makes it.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import cmdShim from "cmd-shim"
import { installInto, pack } from "../package/packed.ts"
import type { System } from "./system.ts"

/** Installs it into a new folder. @returns the folder. */
export async function install(system: System): Promise<string> {
  const parent = mkdtempSync(join(tmpdir(), "kamisama-portable-"))
  const folder = join(parent, "a folder (2)")
  mkdirSync(folder)
  installInto(folder, pack(parent))
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
