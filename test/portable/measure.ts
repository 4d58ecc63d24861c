/**
 * Measures what reloads lose with either scheduling, on Windows in Wine: `node test/portable/measure.ts`. The figures are in
 * docs/decisions/windows.md.
 */
import { rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { install } from "./installed.ts"
import { startPool } from "./pool.ts"
import { whyNoWine, wineSystem } from "./wine.ts"

const reloads = 6
const clients = 3
/** How long one client asks alone afterwards, in ms. */
const aloneMs = 5_000

const why = whyNoWine()
if (why !== undefined) throw new Error(`nothing is measured in Wine, because ${why}`)
wineSystem.prepare()
const installed = await install(wineSystem)
for (const scheduling of ["os", "round-robin"]) console.log(scheduling, await measure(scheduling))
rmSync(dirname(installed), { recursive: true, force: true })

async function measure(scheduling: string): Promise<object> {
  const folder = join(installed, scheduling)
  const program = await startPool(wineSystem, folder, { workers: 2, scheduling })
  await program.untilLogged(/ is ready$/m, 2)
  const load = { requests: 0, lost: 0, isOver: false }
  const loading = Array.from({ length: clients }, async () => {
    for (; !load.isOver; load.requests += 1) {
      if (!(await program.ask()).endsWith(" one")) load.lost += 1
    }
  })
  for (let reload = 1; reload <= reloads; reload += 1) await program.steer("/reload")
  load.isOver = true
  await Promise.all(loading)
  let alone = 0
  for (const until = performance.now() + aloneMs; performance.now() < until; alone += 1) {
    await program.ask()
  }
  program.stop()
  await program.untilEnd()
  program.endLeft()
  const { requests, lost } = load
  return { requests, lost, perSecondOfOneClient: Math.round((1_000 * alone) / aloneMs) }
}
