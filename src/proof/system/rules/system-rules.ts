/**
 * The rules of a whole system, end to end: what a user is promised of each process, whatever happens to any of them.
 */
import type { Command } from "../../../core/command.ts"
import type { Process } from "../system-world.ts"
import type { Seen } from "./seen.ts"
import { calling } from "./calling.ts"
import { contract } from "./contract.ts"
import { ending } from "./ending.ts"
import { killing } from "./killing.ts"
import { leading } from "./leading.ts"
import { reaping } from "./reaping.ts"
import { serving } from "./serving.ts"
import { signaling } from "./signaling.ts"
import { stopping } from "./stopping.ts"
import type { Scene, SystemRule } from "./system-rule.ts"

/** In the order of their numbers. */
export const systemRules: readonly SystemRule[] = [
  ...calling,
  ...stopping,
  ...ending,
  ...killing,
  ...reaping,
  ...leading,
  ...serving,
  ...signaling,
  ...contract,
]

/** What is wrong with what was just seen of a process. Its record does not know of it yet. */
export function seeProcess(seen: Seen, process: Process, scene: Scene): string | undefined {
  return first((rule) => rule.see?.(seen, process, scene))
}

/** What is wrong with a fork. */
export function seeFork(command: Command, scene: Scene): string | undefined {
  return first((rule) => rule.seeFork?.(command, scene))
}

/** What is wrong with a kill. */
export function seeKill(command: Command, process: Process, scene: Scene): string | undefined {
  return first((rule) => rule.seeKill?.(command, process, scene))
}

/** What is wrong once the primary has ended. */
export function seeEnd(scene: Scene): string | undefined {
  return first((rule) => rule.seeEnd?.(scene))
}

/** What is wrong with what the reaper knows. */
export function seeReaper(scene: Scene): string | undefined {
  return first((rule) => rule.seeReaper?.(scene))
}

/** What is wrong once a moment has passed. */
export function seePassing(
  scene: Scene,
  goesOn: (process: Process) => boolean,
): string | undefined {
  return first((rule) => {
    for (const process of scene.processes) {
      const wrong = rule.seePassing?.(process, scene, goesOn)
      if (wrong !== undefined) return wrong
    }
    return undefined
  })
}

function first(check: (rule: SystemRule) => string | undefined): string | undefined {
  for (const rule of systemRules) {
    const wrong = check(rule)
    if (wrong !== undefined) return `rule ${rule.name}: ${wrong}`
  }
  return undefined
}
