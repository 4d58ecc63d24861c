/**
 * The pictures of the documentation, drawn from simulated pools. A picture that no longer shows what happens fails here;
 * `npx vitest run --project unit test/docs/pictures.test.ts -u` draws it again.
 */
import kamisama from "kamisama"
import { fakePlatform } from "kamisama/fake"
import { expect, test } from "vitest"
import { drawProcesses, watch } from "./draw-processes.ts"

test("docs/reload.svg shows a reload that keeps all four workers ready throughout", async () => {
  const os = fakePlatform({ workers: { boot: 110, ready: 110, stop: { after: 110, code: 0 } } })
  const pool = kamisama({
    workers: 4,
    signals: { SIGHUP: "reload" },
    log: "silent",
    run: () => undefined,
    platform: os,
  })
  await os.advance(1_000)
  const watched = await watch(os, 1_500, () => os.signal("SIGHUP"))

  expect(pool.status()).toMatchObject({ generation: 1, ready: 4, isReloading: false })
  expect(watched.readyCounts[0]?.ready).toBe(4)
  expect(Math.min(...watched.readyCounts.map(({ ready }) => ready))).toBe(4)
  const svg = drawProcesses(watched, "A reload: new workers first, four always ready", "kill -HUP")
  await expect(svg).toMatchFileSnapshot("../../docs/reload.svg")
})
