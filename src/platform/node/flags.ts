/**
 * The flags that this process was started with: on the command line, and in NODE_OPTIONS.
 */

/** The value of a flag, "" if it has none; undefined if it was not given. The last one counts, as in Node. */
export function runtimeFlag(name: string): string | undefined {
  // The command line comes last, because it counts more.
  const given = [...nodeOptions(), ...process.execArgv]
  const at = given.findLastIndex((word) => nameOf(word) === name)
  const word = given[at]
  if (word === undefined) return undefined
  if (word.includes("=")) return word.slice(word.indexOf("=") + 1)
  const next = given[at + 1] ?? ""
  return next.startsWith("-") ? "" : next
}

/** The flags that write a file when a signal arrives, each with its signal. Only Node has them. */
export function signalFlags(): { readonly [flag: string]: string } {
  const heapSnapshot = runtimeFlag("--heapsnapshot-signal") ?? ""
  // Not on every runtime, whatever the types say. It may also have been set by the program.
  const { report } = process as { readonly report?: typeof process.report }
  return {
    ...(heapSnapshot !== "" && { "--heapsnapshot-signal": heapSnapshot }),
    ...(report?.reportOnSignal && { "--report-on-signal": report.signal }),
  }
}

/** The words of NODE_OPTIONS. */
export function nodeOptions(): readonly string[] {
  return wordsOf(process.env["NODE_OPTIONS"] ?? "")
}

/** The name of the flag that a word is, or begins. Node takes an underscore for a hyphen. */
export function nameOf(word: string): string {
  return word.replace(/=.*$/s, "").replaceAll("_", "-")
}

/** Words may be quoted, or have quoted parts. A backslash escapes within quotes. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"]|"(?:\\.|[^"\\])*")+/g) ?? []
  return words.map((word) => word.replaceAll(/\\(.)|"/g, "$1"))
}
