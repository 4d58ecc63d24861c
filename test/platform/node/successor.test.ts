import { expect, test } from "vitest"
import { endsContainer } from "../../../src/platform/node/successor.ts"

test.each([
  ["its pid 1", 1, 0, "node", true],
  ["what tini has started", 7, 1, "tini", true],
  ["what podman's init has started", 2, 1, "catatonit", true],
  ["what docker's init has started", 7, 1, "docker-init", true],
  ["a process of a Pod that shares its processes", 12, 0, "pause", true],
  ["a service of systemd", 812, 1, "systemd", false],
  ["an orphan", 812, 1, "init", false],
  ["the child of a shell", 812, 811, "tini", false],
] as const)("whether a container ends with %s", (_name, pid, ppid, first, expected) => {
  expect(endsContainer({ pid, ppid }, () => first)).toBe(expected)
})
