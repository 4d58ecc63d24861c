/**
 * Reads what follows a verb that observes or steers a running pool.
 */
import { parseArgs } from "node:util"
import { unknownFlag } from "../unknown-flag.ts"
import { UsageError } from "../usage-error.ts"
import type { Called } from "./verbs.ts"

const flags = {
  json: { type: "boolean" },
  last: { type: "string" },
  live: { type: "boolean" },
  started: { type: "boolean" },
} as const

/** @throws {UsageError} if a flag is unknown, or a value is none. */
export function readCalled(given: readonly string[]): Called {
  // A number of workers may begin with a hyphen, as a flag does.
  const [numbers, others] = [given.filter(isFewer), given.filter((text) => !isFewer(text))]
  const { values, positionals, tokens } = parseArgs({
    args: others,
    options: flags,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === "option" && !Object.hasOwn(flags, token.name)) {
      throw unknownFlag(token.rawName, Object.keys(flags), " here")
    }
  }
  const { json, live, started, last = "10" } = values
  if (typeof last !== "string" || !/^\d{1,6}$/.test(last)) {
    throw new UsageError(`--last needs a number, such as --last=20`)
  }
  return {
    words: [...numbers, ...positionals],
    json: json === true,
    last: Number(last),
    probe: live === true ? "livez" : started === true ? "startupz" : "readyz",
  }
}

function isFewer(text: string): boolean {
  return /^-\d+$/.test(text)
}
