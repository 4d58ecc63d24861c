/**
 * The promises of `upgrade()`: all of them are settled once the upgrade that runs is over.
 */
import type { Command } from "../core/command.ts"
import type { Platform } from "../platform/platform.ts"
import type { UpgradeOutcome } from "./handle.ts"
import { type Successor, whyNoTakeover } from "./lines.ts"

/** Why a platform cannot start a new primary, in a few words; undefined if it can. */
export function whyNoUpgrade(
  platform: Pick<Platform, "startSuccessor" | "whyNoUpgrade">,
): string | undefined {
  return platform.startSuccessor === undefined ? "this platform cannot" : platform.whyNoUpgrade?.()
}

export class UpgradeCalls {
  #calls: ((outcome: UpgradeOutcome) => void)[] = []

  add(): Promise<UpgradeOutcome> {
    return new Promise((settle) => this.#calls.push(settle))
  }

  /** Takes in what was commanded, and who is to take over. */
  stepped(commands: readonly Command[], successor: Successor | undefined): void {
    if (this.#calls.length === 0) return
    for (const command of commands) {
      const isEnd = command.type === "finish" || command.type === "announce-stop-delay"
      if (!isEnd && (command.type !== "announce-upgrade" || command.phase === "started")) continue
      const isOk = command.type === "announce-upgrade" && command.phase === "finished"
      const outcome: UpgradeOutcome = isOk
        ? { ok: true, pid: successor?.pid ?? 0 }
        : { ok: false, reason: whyNoTakeover(command.reason, successor) }
      for (const settle of this.#calls.splice(0)) settle(outcome)
    }
  }
}
