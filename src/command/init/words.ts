/**
 * Words that mean what they say, in files that expand some of them. Pure.
 */

/** The words of a command in a unit of systemd, which replaces `%` and `$`, and ends a word at a space. */
export function systemdCommand(words: readonly string[]): string {
  return words.map((word) => systemdWord(word.replaceAll("$", "$$$$"))).join(" ")
}

/** A word elsewhere in such a unit, where `$` is nothing special. */
export function systemdWord(word: string): string {
  const safe = word.replaceAll("%", "%%")
  return /^[\w@%$+=:,./-]+$/.test(safe) ? safe : JSON.stringify(safe)
}

/** The words of a command in a manifest of Kubernetes, which replaces `$(NAME)`. JSON is YAML. */
export function kubernetesCommand(words: readonly string[]): string {
  return JSON.stringify(words.map((word) => word.replaceAll("$(", "$$$$(")))
}

/** Words in HCL, which replaces `${name}` and `%{if}`. */
export function hclWords(words: readonly string[]): string {
  const safe = words.map((word) => word.replaceAll("${", "$$$${").replaceAll("%{", "%%{"))
  return JSON.stringify(safe)
}
