/**
 * Lines of the log in the formats that machines read, and lines of workers among them. Pure: the time is given.
 */
import { oneLine } from "../core/log-line.ts"
import type { NoticeBase } from "../core/notice.ts"

/** How lines of the log look. `"plain"` has no time, and is not made here. */
export type LogFormat = "plain" | "text" | "json" | "logfmt"

/** What a line says besides its text: numbers, texts, or what JSON can say. */
export type LogFields = { readonly [name: string]: unknown }

/** A line of the log, or several for a text with a stack. */
export function formatted(
  format: Exclude<LogFormat, "plain">,
  at: number,
  level: NoticeBase["level"],
  text: string,
  fields: LogFields = {},
): string {
  const time = new Date(at).toISOString()
  switch (format) {
    case "json":
      return JSON.stringify({ time, level, name: "kamisama", msg: text, ...fields })
    case "logfmt":
      return Object.entries({ time, level, name: "kamisama", msg: text, ...fields })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${logfmtValue(value)}`)
        .join(" ")
    case "text":
      return `${time} [kamisama] ${level}: ${text}`
  }
}

const plainLine = /^\[kamisama\] (error|warn|info): ([^]*)$/

/** A plain line in another format. What is no line of the log stays as it is. */
export function reformatted(
  format: LogFormat,
  at: number,
  line: string,
  fields: LogFields = {},
): string {
  const [, level, text = ""] = plainLine.exec(line) ?? []
  if (format === "plain" || level === undefined) return line
  if (format === "text") return `${new Date(at).toISOString()} ${line}`
  return formatted(format, at, level as NoticeBase["level"], text.replaceAll("\n  ", "\n"), fields)
}

function logfmtValue(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return /^[^\s"=\\]+$/.test(text) ? oneLine(text) : JSON.stringify(oneLine(text))
}

/** Who has written a line. */
export interface LineSource {
  /** The number of the worker; 0 for a spare. */
  readonly worker: number
  readonly pid: number
  readonly stream: "stdout" | "stderr"
}

/** A line of a worker with its number in front. */
export function prefixed({ worker }: LineSource, line: string): string {
  return `${worker === 0 ? "spare" : worker} | ${line}`
}

/**
 * A line of a worker as JSON. One that is an object of JSON already gets the worker and its process id, unless it has fields of these
 * names. A line of kamisama itself becomes one of the log.
 */
export function lineAsJson(source: LineSource, at: number, line: string): string {
  const { worker, pid, stream } = source
  const who = { worker, pid }
  const own = reformatted("json", at, line, who)
  if (own !== line) return own
  if (isObject(line)) {
    const rest = line.trimStart().slice(1)
    const isEmpty = rest.trim() === "}"
    // Of two fields with one name, the last one counts.
    return `{"worker":${worker},"pid":${pid}${isEmpty ? "" : ","}${rest}`
  }
  return JSON.stringify({ time: new Date(at).toISOString(), ...who, stream, msg: line })
}

function isObject(line: string): boolean {
  if (!line.trimStart().startsWith("{")) return false
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null
  } catch {
    return false
  }
}

/** A line that is longer than this is taken apart. */
const mostCharacters = 1_048_576

/** Takes in a piece of text. @returns the lines that are complete now, without their line breaks. */
export function splitLines(
  rest: string,
  piece: string,
): { readonly lines: readonly string[]; readonly rest: string } {
  const lines = (rest + piece).split("\n")
  const last = lines.pop() ?? ""
  return last.length > mostCharacters
    ? { lines: [...lines, last], rest: "" }
    : { lines, rest: last }
}
