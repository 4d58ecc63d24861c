/**
 * Keeps the files of a folder as they are to be. Writes only what has changed.
 */
import { mkdirSync, unlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

export interface Files {
  /** From now on, the folder has these files, by their paths. */
  show(files: ReadonlyMap<string, string>): void
}

export function keepFiles(folder: string): Files {
  let shown: ReadonlyMap<string, string> = new Map()
  const folders = new Set<string>()
  return {
    show(files) {
      for (const path of shown.keys()) if (!files.has(path)) unlinkSync(join(folder, path))
      for (const [path, text] of files) {
        if (shown.get(path) === text) continue
        const parent = join(folder, dirname(path))
        if (!folders.has(parent)) mkdirSync(parent, { recursive: true })
        folders.add(parent)
        writeFileSync(join(folder, path), text)
      }
      shown = files
    },
  }
}
