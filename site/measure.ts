/**
 * Measures how fluid the timeline is: frames a second while 10 000 events are dragged to and fro. `node site/measure.ts`, after
 * `npm run site`.
 */
import kamisama from "../src/index.ts"
import { fakePlatform } from "../src/fake.ts"
import { Site } from "./test/browser.ts"

const [events, rounds, dragMs] = [10_000, 5, 2_000]

async function recorded(): Promise<string> {
  const os = fakePlatform({ workers: ({ nth }) => (nth % 3 === 0 ? { dies: { after: 200 } } : {}) })
  const options = { workers: 8, respawnLimit: Infinity, signals: { SIGHUP: "reload" } } as const
  const pool = kamisama({ ...options, run: () => undefined, platform: os, log: "silent" })
  await os.advance(1_000)
  while (os.log.filter(({ kind }) => kind === "event").length < 1.2 * events) {
    os.signal("SIGHUP")
    const [alive] = pool.workers
    if (alive !== undefined && alive.pid !== null) os.crash(alive.id)
    await os.advance(5_000)
  }
  return pool.recording()
}

const site = await Site.open()
const page = await site.page("/viewer")
await page.locator("kamisama-viewer input[type=file]").setInputFiles({
  name: "long.jsonl",
  mimeType: "text/plain",
  buffer: Buffer.from(await recorded()),
})
await page.locator(".kv-highlights").waitFor({ timeout: 120_000 })
console.log(await page.locator(".kv-status").textContent())
const results: number[] = []
for (let round = 0; round < rounds; round += 1) {
  const frames = await page.evaluate(async (ms) => {
    const canvas = document
      .querySelector("kamisama-timeline")
      ?.shadowRoot?.querySelector("canvas") as HTMLCanvasElement
    const { left, top, width } = canvas.getBoundingClientRect()
    const send = (type: string, x: number): void => {
      const given = { clientX: left + x, clientY: top + 80, pointerId: 1, bubbles: true }
      canvas.dispatchEvent(new PointerEvent(type, given))
    }
    canvas.setPointerCapture = () => undefined
    const wheel = { deltaY: -600, ctrlKey: true, clientX: left + width / 2, clientY: top + 80 }
    canvas.dispatchEvent(new WheelEvent("wheel", { ...wheel, cancelable: true }))
    send("pointerdown", width / 2)
    const times: number[] = []
    const startedAt = performance.now()
    await new Promise<void>((resolve) => {
      const next = (): void => {
        const now = performance.now()
        times.push(now)
        send("pointermove", width / 2 + (Math.sin((now - startedAt) / 150) * width) / 3)
        if (now - startedAt < ms) requestAnimationFrame(next)
        else resolve()
      }
      requestAnimationFrame(next)
    })
    send("pointerup", width / 2)
    return times
  }, dragMs)
  const gaps = frames.slice(1).map((at, index) => at - (frames[index] ?? at))
  const perSecond = (1_000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0)
  results.push(perSecond)
  console.log(`${perSecond.toFixed(1)} frames/s, the longest ${Math.max(...gaps).toFixed(1)} ms`)
}
const median = results.toSorted((one, other) => one - other)[Math.floor(rounds / 2)]
console.log(`median of ${rounds} rounds: ${median?.toFixed(1)} frames/s`)
await site.close()
