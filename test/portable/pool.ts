/** Starts programs/pool.mjs. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../real/harness/ports.ts"
import { Program } from "./program.ts"
import type { System } from "./system.ts"

/** Makes a folder with files. */
export function folderWith(folder: string, files: { readonly [name: string]: string }): string {
  mkdirSync(folder)
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  return folder
}

/** Starts a pool with these options, in a folder that it makes. */
export async function startPool(
  system: System,
  folder: string,
  options: { readonly [name: string]: unknown },
): Promise<Program> {
  const [port, steering] = [await freePort(), await freePort()]
  folderWith(folder, {
    "pool.mjs": readFileSync(new URL("programs/pool.mjs", import.meta.url), "utf8"),
    "settings.json": JSON.stringify({ port, steering, options }),
    "version.txt": "one",
  })
  return new Program({ system, folder, words: ["pool.mjs"], port, steering })
}
