/** What this machine lacks for a rehearsal. */
import { spawnSync } from "node:child_process"
import { missingForRoot } from "../../test/real/harness/missing.ts"

export function missing(): readonly string[] {
  const lacking = missingForRoot(["ip", "haproxy"])
  if (lacking.length > 0) return lacking
  // Root in a container may not be allowed to.
  const { status } = spawnSync("unshare", ["--net", "true"])
  return status === 0 ? [] : ["the right to make network namespaces"]
}
