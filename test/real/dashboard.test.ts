/** `kamisama dashboard`: what its page is told, and who is refused. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach } from "vitest"
import type { FeedMessage } from "../../src/command/dashboard/message.ts"
import { freePort } from "./harness/ports.ts"
import { expect, type Program, type ProgramOptions, test } from "./harness/program.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
let folder = ""

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-dashboard-"))
})

afterEach(() => rmSync(folder, { recursive: true }))

type Start = (script: string, options?: ProgramOptions) => Program

async function shown(
  start: Start,
): Promise<{ readonly pool: Program; readonly page: Program; readonly link: string }> {
  const port = await freePort()
  const script = `require("node:http").createServer((_, response) => response.end()).listen(${port}, () => console.log("listening"))`
  writeFileSync(join(folder, "shop.cjs"), script)
  const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder }
  const pool = start(command, { args: ["-w", "2", "shop.cjs"], cwd: folder, env })
  await pool.untilPrinted("listening", 2)
  await pool.until("the socket", () => existsSync(`${folder}/kamisama/shop-${pool.pid}.sock`))
  const page = start(command, { args: ["dashboard"], env })
  await page.untilPrinted("http://", 1)
  const [link = ""] = /http:\S+/.exec(page.stdout) ?? []
  return { pool, page, link }
}

/** Follows what a page is told. @returns the messages so far, and a promise of the end. */
function follow(link: string): { readonly messages: FeedMessage[]; readonly end: Promise<void> } {
  const messages: FeedMessage[] = []
  const end = (async () => {
    const { body } = await fetch(`${link}feed`)
    let rest = ""
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split("\n")
      rest = lines.pop() ?? ""
      messages.push(...lines.map((line) => JSON.parse(line) as FeedMessage))
    }
  })()
  return { messages, end }
}

/** @returns the status code. `fetch` would not send another host. */
function asked(url: string, method: string, headers: object): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on("error", reject).end()
  })
}

test("its page is told all about the pool until that ends, and steers it", async ({ start }) => {
  const { pool, page, link } = await shown(start)
  for (const file of ["", "page.js", "style.css"]) {
    const response = await fetch(link + file)
    expect(response.status, file).toBe(200)
    expect((await response.text()).length).toBeGreaterThan(100)
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'")
  }
  const { messages, end } = follow(link)
  const has = (type: FeedMessage["type"]): boolean => messages.some((one) => one.type === type)
  await pool.until("the first messages", () =>
    (["pool", "recording", "notice", "status"] as const).every(has),
  )
  const scaled = await fetch(`${link}scale?to=3`, { method: "POST" })
  expect(await scaled.json()).toEqual({ ok: true, workers: 3 })
  await pool.until("the event", () =>
    messages.some((one) => one.type === "recording" && one.line.includes("scale-requested")),
  )
  expect((await fetch(`${link}recycle?id=9`, { method: "POST" })).status).toBe(409)
  pool.signal("SIGTERM")
  expect((await pool.untilExit()).code).toBe(0)
  await end
  const last = messages.findLast((one) => one.type === "notice")
  expect(last).toMatchObject({ notice: { type: "done" } })
  expect((await fetch(`${link}feed`)).status).toBe(503)
  expect((await fetch(`${link}reload`, { method: "POST" })).status).toBe(503)
  page.signal("SIGINT")
  expect((await page.untilExit()).code).toBe(0)
})

test("it refuses other pages, and goes on with the next primary", async ({ start }) => {
  const { pool, page, link } = await shown(start)
  const { host } = new URL(link)
  const evil = { origin: "http://evil.example" }
  expect(await asked(`http://${host}/`, "GET", {})).toBe(403)
  expect(await asked(link, "GET", { host: "evil.example" })).toBe(403)
  expect(await asked(`${link}reload`, "POST", evil)).toBe(403)
  expect(await asked(`${link}feed`, "GET", { "sec-fetch-site": "cross-site" })).toBe(403)
  expect(await asked(`${link}stop`, "POST", {})).toBe(404)
  const first = follow(link)
  await pool.until("the status", () => first.messages.some(({ type }) => type === "status"))
  pool.signal("SIGKILL")
  await pool.untilExit()
  await first.end
  const env = { XDG_RUNTIME_DIR: folder, TMPDIR: folder }
  const next = start(command, { args: ["-w", "1", "shop.cjs"], cwd: folder, env })
  await next.untilPrinted("listening", 1)
  await next.until("the socket", () => existsSync(`${folder}/kamisama/shop-${next.pid}.sock`))
  const second = follow(link)
  await next.until("the next pool", () => second.messages.length > 0)
  expect(second.messages[0]).toMatchObject({ type: "pool", about: { pid: next.pid } })
  next.signal("SIGTERM")
  await next.untilExit()
  await second.end
  page.signal("SIGTERM")
  expect((await page.untilExit()).code).toBe(0)
})
