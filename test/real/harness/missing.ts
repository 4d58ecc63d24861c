/** What a machine lacks for a suite that needs more than Node. */
import { spawnSync } from "node:child_process"

/** Those of these programs that are not installed, and root if this process is not. */
export function missingForRoot(programs: readonly string[]): readonly string[] {
  return [
    ...(process.getuid?.() === 0 ? [] : ["root"]),
    ...programs.filter((name) => spawnSync("which", [name]).status !== 0),
  ]
}
