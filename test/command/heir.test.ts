/** Which process the page of a pool goes on with. */
import { expect, test } from "vitest"
import { heirOf } from "../../src/command/dashboard/heir.ts"
import type { FoundPool } from "../../src/command/operate/pools.ts"

const pool = (pid: number, startedAt: number, folder = "/run/user/1000/kamisama"): FoundPool => ({
  kamisama: "1.0.0",
  api: 1,
  name: "shop",
  pid,
  runtime: "node",
  startedAt,
  socketPath: `${folder}/shop-${pid}.sock`,
})

const shown = { pool: pool(1, 0), answeredAt: 100_000, heir: undefined }

test.each([
  ["itself, while it is there", [pool(2, 200_000), pool(1, 0)], 1],
  ["one that was started since", [pool(2, 100_500)], 2],
  ["the latest of those", [pool(2, 100_500), pool(3, 130_000)], 3],
  ["none that lived beside it", [pool(2, 50_000)], undefined],
  ["none of another folder", [pool(2, 130_000, "/tmp/kamisama-0")], undefined],
  ["none of another name", [{ ...pool(2, 130_000), name: "bank" }], undefined],
  ["none at all", [], undefined],
] as const)("%s", (_, pools, pid) => {
  expect(heirOf(shown, pools)?.pid).toBe(pid)
})

test("the primary that it was handed over to, although that was started before", () => {
  const handed = { ...shown, heir: 2 }
  expect(heirOf(handed, [pool(1, 0), pool(2, 50_000), pool(3, 130_000)])?.pid).toBe(2)
})
