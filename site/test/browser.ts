/** The built site in a real browser: serves its files, and opens pages that must not complain. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, resolve } from "node:path"
import { AxeBuilder } from "@axe-core/playwright"
import { type Browser, chromium, type Page, type Response } from "playwright-core"

const root = resolve(import.meta.dirname, "../dist")
const shots = resolve(import.meta.dirname, "../screenshots")
const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
)

/** Whether there is a browser here. */
export const hasBrowser = executablePath !== undefined

const types: { readonly [ending: string]: string } = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".txt": "text/plain",
  ".woff2": "font/woff2",
  ".png": "image/png",
}

export type { Response }

/** The site, and a browser that looks at it. */
export class Site {
  /** What pages have complained about. */
  readonly complaints: string[] = []
  readonly #server: Server
  readonly #browser: Browser

  readonly #path: string

  private constructor(server: Server, browser: Browser, path: string) {
    this.#server = server
    this.#browser = browser
    this.#path = path
  }

  /** @param at the path of the site on its server. Nothing else is there. */
  static async open(at = "/"): Promise<Site> {
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://site")
      if (!pathname.startsWith(at)) return void response.writeHead(404).end()
      const named = join(root, decodeURIComponent(pathname.slice(at.length)))
      const isFolder = existsSync(named) && statSync(named).isDirectory()
      const file = [isFolder ? join(named, "index.html") : named, `${named}.html`].find(
        (path) => path.startsWith(root) && existsSync(path) && !statSync(path).isDirectory(),
      )
      response.statusCode = file === undefined ? 404 : 200
      response.setHeader("content-type", types[extname(file ?? "")] ?? "application/octet-stream")
      response.end(file === undefined ? "" : readFileSync(file))
    })
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
    const browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    })
    return new Site(server, browser, at)
  }

  /** @param path a page of the site, or an address elsewhere. */
  async page(
    path: string,
    { width = 1_280, dark = false }: { readonly width?: number; readonly dark?: boolean } = {},
  ): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? "dark" : "light",
    })
    const page = await context.newPage()
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${path}: ${message.text()}`)
    })
    page.on("pageerror", (error) => this.complaints.push(`${path}: ${error.message}`))
    await page.goto(this.address(path))
    return page
  }

  /** The address of a page. */
  address(path: string): string {
    const { port } = this.#server.address() as AddressInfo
    return path.includes(":") ? path : `http://127.0.0.1:${port}${this.#path}${path.slice(1)}`
  }

  async close(): Promise<void> {
    await this.#browser.close()
    this.#server.close()
  }
}

/** Every page of the site, as its path. */
export function everyPage(): readonly string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  return files
    .filter((file) => file.endsWith(".html") && file !== "404.html")
    .map((file) => `/${file}`)
    .sort()
}

/** Keeps a picture, for people. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}

/** What makes a page hard to use, by the rules of axe. */
export async function barriersOf(page: Page, within: string): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).include(within).analyze()
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`),
  )
}
