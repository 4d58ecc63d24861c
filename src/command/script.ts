/**
 * Finds the script that is to run, before anything is forked.
 */
import { statSync } from "node:fs"
import { resolve } from "node:path"
import { type Aliases, aliased, suggestion } from "../core/plan/suggestion.ts"
import { allVerbs } from "./completion.ts"
import { UsageError } from "./usage-error.ts"

/** What others call what there is here. */
const usualVerbs: Aliases = {
  ps: ["ls", "list", "l"],
  status: ["show", "describe", "info"],
  top: ["monit", "monitor"],
  events: ["logs", "log", "tail"],
  reload: ["restart", "graceful", "deploy"],
  stop: ["kill", "delete", "quit", "del"],
  recording: ["record", "dump"],
}

/** What a runtime appends to a script that is named without its ending. */
const endings = ["", ".js", ".mjs", ".cjs", ".ts", ".mts"]

/**
 * The path of the script. A link stays a link, because it may lead elsewhere at a reload.
 *
 * @throws {UsageError} if there is no such file.
 */
export function scriptAt(given: string, folder: string): string {
  const path = resolve(folder, given)
  const found = endings
    .map((ending) => path + ending)
    .find((candidate) => kindOf(candidate) === "file")
  if (found !== undefined) return found
  if (kindOf(path) === "folder") {
    throw new UsageError(
      `${given} is a directory. Name the script in it, such as ${given.replace(/\/?$/, "/")}index.js.`,
    )
  }
  const meant = aliased(given, usualVerbs) ?? suggestion(given, allVerbs)
  const advice =
    given === "start"
      ? ". Write kamisama and the script, without a verb"
      : meant === undefined
        ? ""
        : `. Did you mean kamisama ${meant}?`
  throw new UsageError(`there is no script ${given} in ${folder}${advice}`)
}

function kindOf(path: string): "file" | "folder" | "nothing" {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return "nothing"
  return stats.isDirectory() ? "folder" : "file"
}
