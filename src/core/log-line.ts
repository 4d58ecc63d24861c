/**
 * A line of the log: a mark, a level and a text. Text from outside, such as an error or the name of a signal, cannot
 * forge a line or control the terminal.
 */
import type { NoticeBase } from "./notice.ts"

/** What a line begins with, and nothing else contains. */
const mark = "[kamisama]"

/** A line as it is printed. If the text has several lines, such as a stack, all but the first are indented. */
export function logLine(level: NoticeBase["level"], text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.split("\t").map(oneLine).join("\t"))
  return `${mark} ${level}: ${lines.join("\n  ").replaceAll(mark, "\\x5bkamisama]")}`
}

/** How the journal of systemd calls the levels. */
const priorities: { readonly [Level in NoticeBase["level"]]: number } = {
  error: 3,
  warn: 4,
  info: 6,
}

/** Printed lines with the number of their level in front of each, as the journal of systemd reads it. */
export function withPriorities(lines: string): string {
  let prefix = ""
  return lines
    .split("\n")
    .map((line) => {
      const level = /^(?:\S+Z )?\[kamisama\] (error|warn|info):/.exec(line)?.[1]
      // What follows a line belongs to it.
      if (level !== undefined) prefix = `<${priorities[level as NoticeBase["level"]]}>`
      return prefix + line
    })
    .join("\n")
}

/**
 * The text with all control characters escaped, line breaks included: those that move a cursor, begin a line or turn the
 * direction of a text around.
 */
export function oneLine(text: string): string {
  // Most processes print nothing, and a pattern of this kind takes a tenth of a millisecond to read.
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (control) => {
    if (control === "\n") return "\\n"
    const code = control.charCodeAt(0)
    return code < 0x1_00 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
  })
}

/** The first line of a text, with all control characters escaped. */
export function firstLine(text: string): string {
  return oneLine(text.split("\n", 1)[0] ?? "")
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0")
}
