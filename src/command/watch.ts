/**
 * Watches files, and says which one has changed. Several changes within a moment are one.
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs"
import { join } from "node:path"

/** Changes within this time belong together: an editor writes a file in several steps. */
const settlingMs = 100

const sources = /\.([cm]?[jt]sx?|json)$|(^|\/)\.env[^/]*$/
const foreign = /(^|\/)(node_modules|\.(?!env)[^/]*)(\/|$)/

/**
 * Watches a folder and everything in it.
 *
 * @param globs what to look at, relative to the folder. None: sources, JSON and .env files.
 * @param changed gets the first file of a change.
 */
export function watchFolder(
  folder: string,
  globs: readonly string[],
  changed: (file: string) => void,
): void {
  const patterns = globs.map((glob) => patternOf(filesIn(folder, glob)))
  let first: string | undefined
  watchTree(folder, "", (file) => {
    if (!isWatched(file, patterns)) return
    if (first === undefined) {
      setTimeout(() => {
        const given = first ?? file
        first = undefined
        changed(given)
      }, settlingMs).unref()
    }
    first ??= file
  })
}

/** macOS and Windows report what happens anywhere below a folder. */
const reportsTrees = ["darwin", "win32"].includes(process.platform)

/**
 * Calls back with each file that changes below a folder, as a path relative to it.
 *
 * Elsewhere each folder is watched by itself. Node can watch a whole tree there, too, but it watches the files, and no longer
 * notices one that was replaced by another: editors and git write so.
 */
function watchTree(
  root: string,
  folder: string,
  changed: (file: string) => void,
  watchers = new Map<string, FSWatcher>(),
  isNew = false,
): void {
  if (foreign.test(folder)) return
  const path = join(root, folder)
  const pathOf = (name: string): string => (folder === "" ? name : `${folder}/${name}`)
  try {
    const watcher = watch(path, { recursive: reportsTrees }, (event, name) => {
      const file = pathOf(String(name ?? "").replaceAll("\\", "/"))
      const mayBeNew = !reportsTrees && event === "rename"
      if (mayBeNew && kindOf(root, file) === "folder")
        watchTree(root, file, changed, watchers, true)
      changed(file)
    })
    // What is there is watched on, even if a folder disappears.
    watcher.on("error", () => undefined)
    watcher.unref()
    // One that was there before watched a folder that is gone.
    watchers.get(folder)?.close()
    watchers.set(folder, watcher)
    if (reportsTrees) return
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = pathOf(entry.name)
      if (entry.isDirectory()) watchTree(root, inner, changed, watchers, isNew)
      // What is in a new folder may have come before it was watched.
      else if (isNew) changed(inner)
    }
  } catch {
    // It has just disappeared, or may not be read.
  }
}

/** The globs that name no file and no folder: what they mean may be there later, but most likely they are mistyped. */
export function missingOf(folder: string, globs: readonly string[]): readonly string[] {
  return globs.filter((glob) => !/[*?{]/.test(glob) && kindOf(folder, glob) === undefined)
}

/** A folder stands for everything in it. */
export function filesIn(folder: string, glob: string): string {
  return kindOf(folder, glob) === "folder" ? `${glob.replace(/\/$/, "")}/**` : glob
}

function kindOf(folder: string, path: string): "folder" | "file" | undefined {
  const found = statSync(join(folder, path), { throwIfNoEntry: false })
  return found && (found.isDirectory() ? "folder" : "file")
}

/** Whether a change of the file counts. */
export function isWatched(file: string, patterns: readonly RegExp[]): boolean {
  if (foreign.test(file)) return false
  return patterns.length === 0 ? sources.test(file) : patterns.some((pattern) => pattern.test(file))
}

/** A glob as a pattern: `*` and `?` stay within a folder, `**` does not, and `{a,b}` is one of them. */
export function patternOf(glob: string): RegExp {
  const parts = glob
    .replace(/^\.\//, "")
    .split(/(\*\*\/|\*\*|\*|\?|\{[^}]*\})/)
    .map((part) => {
      switch (part) {
        case "**/":
          return "(?:.*/)?"
        case "**":
          return ".*"
        case "*":
          return "[^/]*"
        case "?":
          return "[^/]"
        default:
          return part.startsWith("{") && part.endsWith("}")
            ? `(?:${part.slice(1, -1).split(",").map(escaped).join("|")})`
            : escaped(part)
      }
    })
  return new RegExp(`^${parts.join("")}$`)
}

function escaped(text: string): string {
  return text.replaceAll(/[.+^$()|[\]\\{}*?]/g, String.raw`\$&`)
}
