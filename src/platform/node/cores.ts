/**
 * Counts the usable cores: those that the process may run on, capped by the CPU quota of its cgroup. The runtimes know only
 * part of this.
 */

/** The number of usable cores, at least 1. */
export function usableCores(): number {
  const { availableParallelism } = process.getBuiltinModule("node:os")
  const quota = process.platform === "linux" ? cpuQuota(readText) : Infinity
  return Math.max(1, Math.floor(Math.min(availableParallelism(), quota)))
}

/**
 * How many cores' worth of time the cgroups of this process may use; Infinity if there is no limit. The smallest quota of a
 * group and the groups above it counts.
 *
 * @param read returns the text of a file; undefined if it cannot be read.
 */
export function cpuQuota(read: (path: string) => string | undefined): number {
  const lines = read("/proc/self/cgroup")?.split("\n") ?? []
  const quotas = lines.flatMap((line) => {
    const [, controllers = "", group = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (line.startsWith("0::")) {
      return groupAndAbove(group).map((path) => quotaOfVersion2(read, `/sys/fs/cgroup${path}`))
    }
    if (!controllers.split(",").includes("cpu")) return []
    return groupAndAbove(group).flatMap((path) => [
      quotaOfVersion1(read, `/sys/fs/cgroup/cpu${path}`),
      quotaOfVersion1(read, `/sys/fs/cgroup/${controllers}${path}`),
    ])
  })
  return Math.min(Infinity, ...quotas)
}

/** "/a/b" → "/a/b", "/a", "". In a container the path of the host may not exist. The quota is then at the root. */
function groupAndAbove(group: string): string[] {
  const parts = group.split("/").filter((part) => part !== "")
  return Array.from({ length: parts.length + 1 }, (_, index) =>
    parts
      .slice(0, parts.length - index)
      .map((part) => `/${part}`)
      .join(""),
  )
}

function quotaOfVersion2(read: (path: string) => string | undefined, folder: string): number {
  const [quota, period] = read(`${folder}/cpu.max`)?.trim().split(" ") ?? []
  return ratio(quota, period)
}

function quotaOfVersion1(read: (path: string) => string | undefined, folder: string): number {
  return ratio(read(`${folder}/cpu.cfs_quota_us`), read(`${folder}/cpu.cfs_period_us`))
}

/** "max", -1 or a missing value mean that there is no limit. */
function ratio(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period)
  return cores > 0 ? cores : Infinity
}

function readText(path: string): string | undefined {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}
