import { describe, expect, test } from "vitest"
import { cpuQuota, usableCores } from "../../../src/platform/node/cores.ts"

function quotaWith(files: { readonly [path: string]: string }): number {
  return cpuQuota((path) => files[path])
}

describe("cpuQuota()", () => {
  test("is Infinity without cgroups", () => {
    expect(quotaWith({})).toBe(Infinity)
  })

  test("reads cgroups of version 2", () => {
    const cgroup = { "/proc/self/cgroup": "0::/app\n" }
    expect(quotaWith({ ...cgroup, "/sys/fs/cgroup/app/cpu.max": "150000 100000\n" })).toBe(1.5)
    expect(quotaWith({ ...cgroup, "/sys/fs/cgroup/app/cpu.max": "max 100000\n" })).toBe(Infinity)
  })

  test("takes the smallest quota of a group and the groups above it", () => {
    const files = {
      "/proc/self/cgroup": "0::/a/b\n",
      "/sys/fs/cgroup/a/b/cpu.max": "400000 100000",
      "/sys/fs/cgroup/a/cpu.max": "200000 100000",
    }
    expect(quotaWith(files)).toBe(2)
  })

  test("reads the root in a container, where the path of the host does not exist", () => {
    const files = {
      "/proc/self/cgroup": "0::/docker/x\n",
      "/sys/fs/cgroup/cpu.max": "50000 100000",
    }
    expect(quotaWith(files)).toBe(0.5)
  })

  test("reads cgroups of version 1", () => {
    const folder = "/sys/fs/cgroup/cpu,cpuacct/app"
    const files = {
      "/proc/self/cgroup": "5:memory:/app\n4:cpu,cpuacct:/app\n",
      [`${folder}/cpu.cfs_quota_us`]: "300000\n",
      [`${folder}/cpu.cfs_period_us`]: "100000\n",
    }
    expect(quotaWith(files)).toBe(3)
    expect(quotaWith({ ...files, [`${folder}/cpu.cfs_quota_us`]: "-1\n" })).toBe(Infinity)
  })
})

test("usableCores() is a positive integer", () => {
  expect(usableCores()).toBeGreaterThanOrEqual(1)
  expect(Number.isInteger(usableCores())).toBe(true)
})
