/** The page of a running pool, with a real pool that is steered, killed, and started again. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { barriersOf, hasBrowser, shoot, Site } from "./browser.ts"

const command = resolve(import.meta.dirname, "../../dist/cli.js")
const begun: ChildProcess[] = []
let site: Site
let folder = ""

beforeAll(async () => {
  if (!hasBrowser) return
  site = await Site.open()
  folder = mkdtempSync(join(tmpdir(), "kamisama-live-"))
  const script = `require("node:http").createServer((request, response) => {
  if (request.url === "/die") process.exit(3)
  response.end("hello")
}).listen(0, () => console.log("listening"))`
  writeFileSync(join(folder, "shop.cjs"), script)
})

afterAll(async () => {
  if (!hasBrowser) return
  await site.close()
  for (const child of begun) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill("SIGTERM")
    await once(child, "exit")
  }
  rmSync(folder, { recursive: true })
})

/** Starts the command. @returns it, and the first text on its stdout. */
async function start(...args: readonly string[]): Promise<readonly [ChildProcess, string]> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env: { ...process.env, XDG_RUNTIME_DIR: folder, TMPDIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  })
  begun.push(child)
  const [text] = (await once(child.stdout, "data")) as [Buffer]
  return [child, text.toString().trim()]
}

/** Calls a verb, and waits for its end. It may fail: that some worker is not ready is an answer, too. */
async function call(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, TMPDIR: folder }
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env }, (_, stdout) => resolve({ stdout }))
  })
}

async function startPool(): Promise<ChildProcess> {
  const [pool] = await start("-w", "2", "--log", "silent", "shop.cjs")
  await expect
    .poll(() => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`), { timeout: 10_000 })
    .toBe(true)
  return pool
}

describe.runIf(hasBrowser)("the page of a running pool", () => {
  test("shows it, steers it, says that it has ended, and goes on with the next one", async () => {
    const pool = await startPool()
    const [, link] = await start("dashboard")
    const page = await site.page(link)
    const facts = page.locator(".kl-head")
    await expect.poll(() => facts.textContent(), { timeout: 10_000 }).toContain("2 of 2")
    expect(await page.title()).toBe("2/2 shop – kamisama")

    await page.getByLabel("number of workers").fill("3")
    await page.getByLabel("number of workers").press("Enter")
    const dialog = page.getByRole("dialog")
    expect(await dialog.textContent()).toContain("Scale from 2 to 3 workers?")
    await dialog.getByRole("button", { name: "No" }).press("Enter")
    await page.getByRole("button", { name: "Scale" }).click()
    await dialog.getByRole("button", { name: "Yes" }).click()
    const said = page.locator(".kl-said")
    await expect.poll(() => said.textContent(), { timeout: 20_000 }).toContain("scaling to 3: done")
    await expect.poll(() => page.locator(".kl-wide tbody tr").count()).toBe(3)

    await page.getByRole("button", { name: "Restart worker 1" }).click()
    await dialog.getByRole("button", { name: "Yes" }).click()
    await expect
      .poll(() => said.textContent(), { timeout: 20_000 })
      .toContain("restart of worker 1: done")
    await expect
      .poll(() => page.locator(".kl-notices").textContent())
      .toContain("worker 1: replacing pid")

    const slider = page.getByRole("slider")
    await slider.focus()
    await page.keyboard.press("End")
    await expect.poll(() => page.locator(".kv-event").textContent()).toContain("worker 1")
    await shoot(page, "live")
    expect(await barriersOf(page, "kamisama-live")).toEqual([])

    pool.kill("SIGKILL")
    const banner = page.locator(".kl-banner")
    await expect.poll(() => banner.textContent(), { timeout: 10_000 }).toContain("it was killed")
    expect(await page.getByRole("button", { name: "Reload" }).isDisabled()).toBe(true)
    await shoot(page, "live-killed")
    // That there is no pool is an answer that browsers call an error.
    expect(site.complaints.filter((text) => !text.includes("503"))).toEqual([])

    const next = await startPool()
    await expect
      .poll(() => banner.textContent(), { timeout: 10_000 })
      .toContain(`pid ${next.pid} has taken the place of pid ${pool.pid}`)
    // What led to the end is still there.
    expect(await page.locator(".kl-notices").textContent()).toContain("worker 1: replacing pid")
    await page.getByRole("button", { name: "Save its recording" }).waitFor()
    expect(await page.getByRole("button", { name: "Reload" }).isEnabled()).toBe(true)
    next.kill("SIGTERM")
    await expect
      .poll(() => banner.textContent(), { timeout: 10_000 })
      .toContain("The pool has ended: ")
    await page.close()
  })

  test("its recording opens in the incident viewer, and what killed a worker is found", async () => {
    const pool = await startPool()
    const { stdout: status } = await call("status", "--json", String(pool.pid))
    const { workers } = JSON.parse(status) as { readonly workers: readonly { pid: number }[] }
    process.kill(workers[0]?.pid ?? 0, "SIGKILL")
    await expect
      .poll(async () => (await call("recording", String(pool.pid))).stdout, { timeout: 10_000 })
      .toContain('"signal":"SIGKILL"')
    const { stdout } = await call("recording", String(pool.pid))
    const page = await site.page("/viewer")
    const file = { name: "real.jsonl", mimeType: "text/plain", buffer: Buffer.from(stdout) }
    await page.setInputFiles("kamisama-viewer input[type=file]", file)
    await page.getByLabel("search the events").fill("SIGKILL")
    await page.getByLabel("search the events").press("Enter")
    await expect.poll(() => page.locator(".kv-event").textContent()).toContain("ended by SIGKILL")
    expect(await page.locator(".kv-orders").textContent()).toContain("restart 1 of at most 16")
    await page.close()
    pool.kill("SIGTERM")
    await once(pool, "exit")
  })

  test.each([
    [360, false],
    [360, true],
    [2_560, true],
  ])("has room at %i px, dark: %s", async (width, dark) => {
    const pool = await startPool()
    const [dashboard, link] = await start("dashboard", String(pool.pid))
    const page = await site.page(link, { width, dark })
    await expect.poll(() => page.locator(".kl-wide tbody tr").count()).toBe(2)
    await page.getByRole("button", { name: "Reload", exact: true }).click()
    await page.getByRole("dialog").waitFor()
    await shoot(page, `live-${width}${dark ? "-dark" : ""}`)
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBeLessThanOrEqual(0)
    expect(await barriersOf(page, "kamisama-live")).toEqual([])
    await page.close()
    for (const child of [dashboard, pool]) {
      child.kill("SIGTERM")
      await once(child, "exit")
    }
  })
})
