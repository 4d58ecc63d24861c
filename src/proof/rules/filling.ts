/**
 * The commands that fill a slot: with a new process, or with a spare. Both must obey the same rules.
 */
import type { Command } from "../../core/command.ts"
import type { SeeCommand, SeeCommandByType } from "./rule.ts"

/** A command that may fill a slot. */
export type FillCommand = Extract<Command, { readonly type: "fork-worker" | "run-worker" }>

/** Whether the command fills a slot: a spare that is forked fills none, nor does a worker that runs after its hello. */
export function isFilling(command: Command): command is FillCommand {
  const { type, reason } = command
  if (type === "fork-worker") return reason.rule !== "spare"
  return type === "run-worker" && reason.rule !== "hello"
}

/** Looks at every command that fills a slot. */
export function whenFilling(see: SeeCommand<FillCommand>): SeeCommandByType {
  return {
    "fork-worker": (command, ...rest) => (isFilling(command) ? see(command, ...rest) : undefined),
    "run-worker": (command, ...rest) => (isFilling(command) ? see(command, ...rest) : undefined),
  }
}
