/** The site as a whole: every page, every link, the search, at a path that nobody has built it for. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { barriersOf, everyPage, hasBrowser, Site } from "./browser.ts"

let site: Site

beforeAll(async () => {
  if (hasBrowser) site = await Site.open("/some/where/")
})

afterAll(async () => {
  if (!hasBrowser) return
  await site.close()
  expect(site.complaints).toEqual([])
})

describe.runIf(hasBrowser)("the site at any path", () => {
  test("has links that lead somewhere, to parts of pages, too", async () => {
    const texts = new Map<string, Promise<string>>()
    const read = (address: string): Promise<string> => {
      const known = texts.get(address) ?? textAt(address)
      texts.set(address, known)
      return known
    }
    const pages = everyPage()
    expect(pages.length).toBeGreaterThan(60)
    const dead: string[] = []
    for (const path of pages) {
      const address = site.address(path)
      const links = [...(await read(address)).matchAll(/<a [^>]*?href="([^"]+)"/g)]
      expect(links.length, path).toBeGreaterThan(5)
      for (const [, href = ""] of links) {
        const { origin, pathname, hash } = new URL(href.replaceAll("&amp;", "&"), address)
        if (origin !== new URL(address).origin) continue
        const text = await read(origin + pathname)
        // What follows in an address of these pages is theirs.
        const isPart = hash !== "" && !/\/(playground|viewer)(\.html)?$/.test(pathname)
        if (
          text === "" ||
          (isPart && !text.includes(` id="${decodeURIComponent(hash.slice(1))}"`))
        ) {
          dead.push(`${path}: ${href}`)
        }
      }
    }
    expect(dead).toEqual([])
  })

  test.each([
    "/readme.html",
    "/options.html",
    "/comparison.html",
    "/recipes/ws.html",
    "/proof.html",
  ])("%s can be used by everybody", async (path) => {
    const page = await site.page(path)
    expect(await barriersOf(page, ".vp-doc")).toEqual([])
    await page.close()
  })

  test("is searched without a server", async () => {
    const page = await site.page("/")
    await page.waitForLoadState("networkidle")
    await page.keyboard.press("Control+k")
    await page.locator("#localsearch-input").fill("minReadyTime")
    const first = page.locator(".result").first()
    await first.waitFor()
    await first.click()
    await page.waitForURL((url) => url.pathname !== "/some/where/")
    expect(new URL(page.url()).pathname).toMatch(/^\/some\/where\/./)
    await page.close()
  })

  test("is walked through without loading a page anew", async () => {
    const page = await site.page("/")
    await page.evaluate(() => Object.assign(globalThis, { isSame: true }))
    await page.getByRole("link", { name: "Playground", exact: true }).first().click()
    await page.locator("kamisama-playground").waitFor()
    expect(new URL(page.url()).pathname).toBe("/some/where/playground.html")
    expect(await page.evaluate(() => "isSame" in globalThis)).toBe(true)
    await page.locator(".kp-verdict").waitFor()
    await page.close()
  })
})

/** What is at an address; nothing if there is nothing. */
async function textAt(address: string): Promise<string> {
  const response = await fetch(address)
  return response.status === 200 ? response.text() : ""
}
