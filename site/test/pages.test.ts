/** The pages that show pools, by mouse and by keyboard. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import kamisama from "../../src/index.ts"
import { fakePlatform } from "../../src/fake.ts"
import { barriersOf, hasBrowser, type Response, shoot, Site } from "./browser.ts"

let site: Site

beforeAll(async () => {
  if (hasBrowser) site = await Site.open()
  else console.log("no Chromium is installed, so no page is looked at")
})

afterAll(async () => {
  if (!hasBrowser) return
  await site.close()
  expect(site.complaints).toEqual([])
})

/** The recording of a reload to a version that crashes, which ends the pool. */
async function recorded(): Promise<string> {
  const os = fakePlatform({
    workers: ({ incarnation }) => (incarnation > 4 ? { dies: { after: 300 } } : {}),
  })
  const pool = kamisama({
    workers: 4,
    respawnLimit: 12,
    run: () => undefined,
    platform: os,
    log: "silent",
  })
  await os.advance(2_000)
  void pool.reload()
  await os.advance(60_000)
  return pool.recording()
}

/** Opens a text in the viewer. */
async function paste(page: Awaited<ReturnType<Site["page"]>>, text: string): Promise<void> {
  await page.getByText("or paste it").click()
  await page.getByLabel("text of a recording").fill(text)
  await page.getByRole("button", { name: "Open", exact: true }).click()
}

const verdict = ".kp-verdict"

describe.runIf(hasBrowser)("the incident viewer", () => {
  test("leads from a file to what ended the pool, and why", async () => {
    const page = await site.page("/viewer")
    const buffer = Buffer.from(await recorded())
    const file = { name: "incident.jsonl", mimeType: "text/plain", buffer }
    await page.setInputFiles("kamisama-viewer input[type=file]", file)
    await page.getByRole("button", { name: /the pool gives up/ }).click()
    expect(await page.locator(".kv-status").textContent()).toMatch(/^incident\.jsonl: \d+ events/)
    expect(await page.locator(".kv-event").textContent()).toContain("deadline reached")
    const order = page.locator(".kv-orders > li", { hasText: "more than 12 restarts within 60 s" })
    await order.getByText("Why?").click()
    expect(await order.locator("ol li").count()).toBe(12)
    await order.locator("ol button").first().click()
    expect(await page.locator(".kv-orders").textContent()).toContain("restart 1 of at most 12")
    await shoot(page, "viewer")
    expect(await barriersOf(page, "kamisama-viewer")).toEqual([])
    await page.close()
  })

  test("is led by the keyboard alone", async () => {
    const page = await site.page("/viewer")
    await paste(page, await recorded())
    const slider = page.getByRole("slider")
    await slider.focus()
    await page.keyboard.press("Home")
    expect(await slider.getAttribute("aria-valuenow")).toBe("1")
    await page.keyboard.press("ArrowRight")
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toContain("said hello")
    expect(await page.locator(".kv-steps output").textContent()).toMatch(/^event 2 of/)
    await page.keyboard.press("End")
    await expect.poll(() => slider.getAttribute("aria-valuetext")).toContain("finish with code 1")
    const search = page.getByLabel("search the events")
    await search.fill("reload finished")
    await search.press("Shift+Enter")
    expect(await page.locator(".kv-orders").textContent()).toContain("announce reload finished")
    await page.close()
  })

  test.each([
    ["nonsense", "line 1 must be"],
    ["", "line 1 must be"],
  ])("says what is wrong with a text such as %j", async (text, reason) => {
    const page = await site.page("/viewer")
    await paste(page, text)
    await expect.poll(() => page.locator(".kv-status").textContent()).toContain(reason)
    await page.close()
  })

  test("opens its example, finds what is searched from any event, and says where there is nothing", async () => {
    const page = await site.page("/viewer")
    await page.getByRole("button", { name: "Open an example" }).click()
    await page.getByRole("button", { name: /was ended by SIGKILL, not by the pool/ }).waitFor()
    expect(await page.locator(".kv-status").textContent()).toContain("It ends before the pool did")
    const search = page.getByLabel("search the events")
    const position = page.locator(".kv-steps output")
    await search.fill("SIGKILL")
    await search.press("Enter")
    await expect.poll(() => position.textContent()).toContain("match 1 of 1")
    await page.getByText("1 event that the filter lets through").click()
    await page.locator(".kv-events button").click()
    await search.fill("zzz")
    await search.press("Enter")
    await expect.poll(() => position.textContent()).toContain("found nowhere")
    await page.getByText("Replay it with other options").click()
    expect(await page.getByLabel("heartbeatTimeout, ms").isDisabled()).toBe(true)
    await page.close()
  })

  test("has a word for a file of 100 MB, and does not freeze", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-viewer-"))
    const file = join(folder, "huge.jsonl")
    writeFileSync(file, "")
    truncateSync(file, 100 * 2 ** 20)
    const page = await site.page("/viewer")
    await page.setInputFiles("kamisama-viewer input[type=file]", file)
    await expect.poll(() => page.locator(".kv-status").textContent()).toContain("it has 100 MB")
    await page.close()
    rmSync(folder, { recursive: true })
  })

  test("opens a link to a part, and says where other options part from it", async () => {
    const page = await site.page("/viewer")
    await paste(page, await recorded())
    await page.getByText("Replay it with other options").click()
    await page.getByLabel("respawnLimit", { exact: true }).fill("3")
    await expect
      .poll(() => page.locator(".kv-replay").textContent())
      .toContain("The first decision that differs is at event")
    await page.getByRole("button", { name: "Link" }).click()
    await page.waitForFunction(() => location.hash.startsWith("#cut="))
    const { hash } = new URL(page.url())
    await page.close()
    const other = await site.page(`/viewer${hash}`)
    await other.getByRole("button", { name: /the pool gives up/ }).waitFor()
    await other.close()
  })
})

describe.runIf(hasBrowser)("the playground", () => {
  test("answers what a limit of 5 restarts does in an outage of 3 minutes with 8 workers", async () => {
    const page = await site.page("/")
    await page.getByText("the database is gone for 3 minutes").click()
    await page.waitForFunction(
      (selector) => document.querySelector(selector)?.textContent?.includes("200 runs") === true,
      verdict,
    )
    expect(await page.locator(verdict).textContent()).toMatch(
      /^The pool gives up in each of 200 runs, [\d.]+ s after the outage has begun/,
    )
    await page.locator("[data-flag=respawn-limit]").fill("unlimited")
    await expect
      .poll(() => page.locator(verdict).textContent(), { timeout: 30_000 })
      .toContain("lives on in each of 200 runs")
    expect(page.url()).toContain("respawn-limit%3Dunlimited")
    await page.locator("[data-flag=workers]").fill("none")
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("--workers must be")
    await page.close()
  })

  test("is left and found again by the buttons of the browser, and refuses what it has no room for", async () => {
    const page = await site.page("/")
    await page.waitForLoadState("networkidle")
    await page.getByText("every worker crashes at boot?").click()
    await page.locator("[data-flag=workers]").waitFor()
    await page.goBack()
    await page.locator("kamisama-demo").waitFor()
    await page.goForward()
    await page.locator("[data-flag=workers]").fill("1000000000")
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("room for 64 workers")
    await page.locator("[data-flag=workers]").fill("3")
    await expect
      .poll(() => page.locator(verdict).textContent(), { timeout: 20_000 })
      .toContain("The pool gives up")
    expect(await page.locator(".kp-stale").count()).toBe(0)
    await page.close()
  })

  test("compares two sets of options, and is usable", async () => {
    const page = await site.page(
      "/playground#outage=hang&a=workers%3D2&b=workers%3D2+heartbeat-timeout%3D3s",
    )
    await expect.poll(() => page.locator(verdict).count()).toBe(2)
    await page.waitForFunction(
      (selector) =>
        [...document.querySelectorAll(selector)].every((one) =>
          one.textContent?.includes("200 runs"),
        ),
      verdict,
    )
    await shoot(page, "playground")
    expect(await barriersOf(page, "kamisama-playground")).toEqual([])
    await page.close()
  })
})

describe.runIf(hasBrowser)("the scripts of a page", () => {
  test.each(["/", "/playground", "/viewer"])("%s has less than 150 KiB of them", async (path) => {
    const page = await site.page("about:blank")
    const sizes: Promise<number>[] = []
    const weigh = (response: Response): void => {
      if (!response.url().endsWith(".js")) return
      sizes.push(response.body().then((body) => gzipSync(body).length))
    }
    page.on("response", weigh)
    await page.goto(site.address(path), { waitUntil: "networkidle" })
    // Later it loads what the pages need that it leads to.
    page.off("response", weigh)
    const all = await Promise.all(sizes)
    expect(all.length).toBeGreaterThan(2)
    expect(all.reduce((sum, size) => sum + size, 0)).toBeLessThan(150 * 1_024)
    await page.close()
  })
})

describe.runIf(hasBrowser)("every width and shade", () => {
  test.each([
    [360, false],
    [360, true],
    [1_280, true],
    [2_560, false],
  ])("%i px, dark: %s", async (width, dark) => {
    for (const path of ["/", "/playground", "/viewer", "/options"]) {
      const page = await site.page(path, { width, dark })
      await page.waitForTimeout(500)
      await shoot(page, `${path.slice(1) || "start"}-${width}${dark ? "-dark" : ""}`)
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      expect(overflow, `${path} at ${width} px`).toBeLessThanOrEqual(0)
      await page.close()
    }
  })
})
