/**
 * Reads what follows a verb that observes or steers a running pool.
 */
import { parseArgs } from "node:util"
import { unknownFlag } from "../unknown-flag.ts"
import { UsageError } from "../usage-error.ts"
import type { Called, VerbFlag } from "./verbs.ts"

const types: { readonly [flag in VerbFlag]: { readonly type: "boolean" | "string" } } = {
  json: { type: "boolean" },
  last: { type: "string" },
  port: { type: "string" },
  live: { type: "boolean" },
  started: { type: "boolean" },
}

/**
 * @param known the flags that the verb takes.
 * @throws {UsageError} if a flag is unknown, or a value is none.
 */
export function readCalled(given: readonly string[], known: readonly string[]): Called {
  // A number of workers may begin with a hyphen, as a flag does.
  const [numbers, others] = [given.filter(isFewer), given.filter((text) => !isFewer(text))]
  const { values, positionals, tokens } = parseArgs({
    args: others,
    options: types,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === "option" && !known.includes(token.name)) {
      throw unknownFlag(token.rawName, known, " here")
    }
  }
  const { json, live, started, last = "10", port } = values
  if (typeof last !== "string" || !/^\d{1,6}$/.test(last)) {
    throw new UsageError(`--last needs a number, such as --last=20`)
  }
  if (port !== undefined && (!/^\d{1,5}$/.test(String(port)) || Number(port) > 65_535)) {
    throw new UsageError(`--port needs a port, such as --port=8080`)
  }
  return {
    words: [...numbers, ...positionals],
    json: json === true,
    last: Number(last),
    port: port === undefined ? undefined : Number(port),
    probe: live === true ? "livez" : started === true ? "startupz" : "readyz",
  }
}

function isFewer(text: string): boolean {
  return /^-\d+$/.test(text)
}
