/**
 * `kamisama dashboard`: shows a running pool in a browser, until it is ended.
 */
import { readFileSync } from "node:fs"
import { once } from "node:events"
import { messageOf } from "../../worker/error-text.ts"
import { type FoundPool, nameOf } from "../operate/pools.ts"
import { UsageError } from "../usage-error.ts"
import { openDashboard, type PageFiles } from "./server.ts"

/** @throws {UsageError} if the port cannot be used, or the page is not there. */
export async function dashboard(pool: FoundPool, port: number): Promise<number> {
  const files = pageFiles()
  let opened
  try {
    opened = await openDashboard(pool, port, files)
  } catch (error) {
    throw new UsageError(`the port ${port} cannot be used: ${messageOf(error)}`)
  }
  console.error(
    `kamisama: this page shows ${nameOf(pool)}. Whoever has the link can steer it. Ctrl-C ends the page, not the pool.`,
  )
  console.log(opened.link)
  const ending = new AbortController()
  const { signal } = ending
  await Promise.race(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => once(process, name, { signal })))
  ending.abort()
  opened.close()
  return 0
}

/** @throws {UsageError} if the package has not been built. */
function pageFiles(): PageFiles {
  const read = (file: string): string =>
    readFileSync(new URL(`./dashboard/${file}`, import.meta.url), "utf8")
  try {
    return {
      "page.html": read("page.html"),
      "page.js": read("page.js"),
      "style.css": read("style.css"),
    }
  } catch {
    throw new UsageError(
      "the dashboard has a page that is in the package of npm alone: npx kamisama dashboard",
    )
  }
}
