/**
 * Completion of the flags for shells, as a script that the shell reads: `source <(kamisama completion bash)`.
 */
import { optionFlags } from "./flags.ts"
import { operatingVerbs } from "./operate/verbs.ts"
import { verbs } from "./parse.ts"
import { UsageError } from "./usage-error.ts"

/** Whatever may be the first word. */
export const allVerbs: readonly string[] = [...verbs, "init", ...Object.keys(operatingVerbs)]

const shells: { readonly [shell: string]: () => string } = { bash, zsh, fish }

/** @throws {UsageError} if there is no completion for the shell. */
export function completionFor(shell: string | undefined): string {
  const made = shells[shell ?? ""]
  if (made !== undefined) return made()
  const names = Object.keys(shells).join(", ")
  throw new UsageError(`completion is for ${names}, got ${shell ?? "nothing"}`)
}

function names(): readonly string[] {
  return [...optionFlags.map(({ name }) => name), "watch", "config", "help", "version"]
}

function words(): string {
  return [...names().map((name) => `--${name}`), ...allVerbs].join(" ")
}

function bash(): string {
  return `_kamisama() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "${words()}" -- "$word") $(compgen -f -- "$word"))
}
complete -o filenames -F _kamisama kamisama`
}

function zsh(): string {
  return `#compdef kamisama
_kamisama() {
  compadd -- ${words()}
  _files
}
compdef _kamisama kamisama`
}

function fish(): string {
  const flags = names().map((name) => `complete -c kamisama -l ${name}`)
  return [
    ...flags,
    `complete -c kamisama -n __fish_use_subcommand -a "${allVerbs.join(" ")}"`,
  ].join("\n")
}
