/**
 * A JSR of one package on the loopback. It takes what `deno publish` uploads, and serves it as JSR does. Nothing reaches
 * another registry.
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { globSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import { join } from "node:path"

export class LoopbackRegistry {
  readonly #folder: string
  readonly #server: Server
  /** The published version, and its exports. */
  #published: { readonly version: string; readonly exports: unknown } | undefined

  /** @param folder where published files are kept. */
  constructor(folder: string) {
    this.#folder = folder
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((answer) => {
        response.statusCode = answer === undefined ? 404 : 200
        const isScript = answer !== undefined && request.url?.endsWith(".ts") === true
        response.setHeader("content-type", isScript ? "text/typescript" : "application/json")
        response.end(answer ?? JSON.stringify({ code: "notFound", message: "there is none" }))
      })
    })
  }

  /** Starts to serve. @returns the value for JSR_URL. */
  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address()
        const port = typeof address === "object" ? address?.port : undefined
        resolve(`http://127.0.0.1:${port}/`)
      })
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage): Promise<string | Buffer | undefined> {
    const { method = "", url = "" } = request
    const { pathname } = new URL(url, "http://127.0.0.1")
    const upload = /^\/api\/scopes\/kamisama\/packages\/kamisama\/versions\/([^/]+)$/.exec(pathname)
    if (method === "POST" && upload?.[1] !== undefined) {
      await this.#publish(upload[1], request)
      return JSON.stringify({ id: "1", status: "success", error: null })
    }
    if (pathname === "/api/scopes/kamisama/packages/kamisama") {
      return JSON.stringify({ scope: "kamisama", name: "kamisama", latest: null })
    }
    return this.#file(pathname)
  }

  async #publish(version: string, request: IncomingMessage): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    mkdirSync(this.#folder, { recursive: true })
    execFileSync("tar", ["-xz", "-C", this.#folder], { input: Buffer.concat(parts) })
    const config = readFileSync(join(this.#folder, "deno.json"), "utf8")
    const { exports } = JSON.parse(config) as { readonly exports: unknown }
    this.#published = { version, exports }
  }

  #file(pathname: string): string | Buffer | undefined {
    if (this.#published === undefined) return undefined
    const { version, exports } = this.#published
    const base = "/@kamisama/kamisama/"
    if (pathname === `${base}meta.json`) {
      const names = { scope: "kamisama", name: "kamisama" }
      return JSON.stringify({ ...names, latest: version, versions: { [version]: {} } })
    }
    if (pathname === `${base}${version}_meta.json`) {
      return JSON.stringify({ manifest: this.#manifest(), exports })
    }
    const path = pathname.startsWith(`${base}${version}/`)
      ? join(this.#folder, pathname.slice(base.length + version.length))
      : undefined
    return path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile()
      ? readFileSync(path)
      : undefined
  }

  /** The checksum of each file. Deno rejects a file that is not listed, or has other content. */
  #manifest(): object {
    const names = globSync("**/*", { cwd: this.#folder })
    const files = names.filter((name) => statSync(join(this.#folder, name)).isFile())
    return Object.fromEntries(
      files.map((name) => {
        const content = readFileSync(join(this.#folder, name))
        const checksum = `sha256-${createHash("sha256").update(content).digest("hex")}`
        return [`/${name}`, { size: content.length, checksum }]
      }),
    )
  }
}
