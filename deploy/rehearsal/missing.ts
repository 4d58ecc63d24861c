/** What this machine lacks for a rehearsal. */
import { spawnSync } from "node:child_process"

export function missing(): readonly string[] {
  const isRoot = process.getuid?.() === 0
  const programs = ["ip", "haproxy"].filter((name) => spawnSync("which", [name]).status !== 0)
  if (!isRoot || programs.length > 0) return [...(isRoot ? [] : ["root"]), ...programs]
  // Root in a container may not be allowed to.
  const { status } = spawnSync("unshare", ["--net", "true"])
  return status === 0 ? [] : ["the right to make network namespaces"]
}
