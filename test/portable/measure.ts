/**
 * Measures what reloads lose with either scheduling, on Windows in Wine: `node test/portable/measure.ts`. The figures are in
 * docs/decisions/windows.md.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { freePort } from "../real/harness/ports.ts"
import { install } from "./installed.ts"
import { Program } from "./program.ts"
import { whyNoWine, wineSystem } from "./wine.ts"

const reloads = 6
const clients = 3
/** How long one client asks alone afterwards, in ms. */
const aloneMs = 5_000

const why = whyNoWine()
if (why !== undefined) throw new Error(`nothing is measured in Wine, because ${why}`)
await wineSystem.prepare()
const installed = await install(wineSystem)
for (const scheduling of ["os", "round-robin"]) console.log(scheduling, await measure(scheduling))
rmSync(dirname(installed), { recursive: true, force: true })

async function measure(scheduling: string): Promise<object> {
  const [port, steering] = [await freePort(), await freePort()]
  const folder = join(installed, scheduling)
  mkdirSync(folder)
  const script = readFileSync(new URL("programs/pool.mjs", import.meta.url))
  const settings = JSON.stringify({ port, steering, options: { workers: 2, scheduling } })
  writeFileSync(join(folder, "pool.mjs"), script)
  writeFileSync(join(folder, "settings.json"), settings)
  writeFileSync(join(folder, "version.txt"), "one")
  const program = new Program({
    system: wineSystem,
    folder,
    words: ["pool.mjs"],
    port,
    steering,
  })
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
  void program.steer("/stop").catch(() => undefined)
  await program.untilEnd()
  program.endLeft()
  const { requests, lost } = load
  return { requests, lost, perSecondOfOneClient: Math.round((1_000 * alone) / aloneMs) }
}
