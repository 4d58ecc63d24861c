/**
 * The environment variables of the command itself: those that are set, and those of an --env-file. The rest of such a file is
 * for the workers, each of which reads it anew.
 */
import { readFileSync } from "node:fs"
import { parseEnv } from "node:util"
import { suggestion } from "../core/plan/suggestion.ts"
import { graceVariable } from "../platform/node/limits.ts"
import { optionFlags } from "./flags.ts"
import { UsageError } from "./usage-error.ts"

/** Environment variables. */
export interface Variables {
  readonly [name: string]: string | undefined
}

const prefix = "KAMISAMA_"
const countVariable = "WEB_CONCURRENCY"

/**
 * The environment with what files set for the command. What is set already comes first, as for the runtime.
 *
 * @param runtimeFlags the flags of the runtime that were given.
 * @throws {UsageError} if there is no such file.
 */
export function environmentWith(
  runtimeFlags: readonly string[],
  environment: Variables,
): Variables {
  const ofFiles = Object.assign({}, ...runtimeFlags.map(variablesIn)) as Variables
  const ours = Object.entries(ofFiles).filter(
    ([name]) => name.startsWith(prefix) || name === countVariable,
  )
  return { ...Object.fromEntries(ours), ...environment }
}

/** What to say about variables that are no option, and look like one. */
export function misspelledVariables(environment: Variables): readonly string[] {
  const names = [...optionFlags.map(({ variable }) => variable), graceVariable]
  const known = names.map((name) => name.slice(prefix.length))
  return Object.keys(environment).flatMap((name) => {
    const given = name.slice(prefix.length)
    if (!name.startsWith(prefix) || known.includes(given)) return []
    const meant = suggestion(given, known)
    const advice = `Did you mean ${prefix}${meant}?`
    return meant === undefined ? [] : [`the variable ${name} is no option. ${advice}`]
  })
}

function variablesIn(flag: string): Variables {
  const [, isOptional, path = ""] = /^--env-file(-if-exists)?=(.*)$/.exec(flag) ?? []
  if (path === "") return {}
  try {
    return parseEnv(readFileSync(path, "utf8"))
  } catch (error) {
    if (isOptional !== undefined) return {}
    throw new UsageError(
      `--env-file: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    )
  }
}
