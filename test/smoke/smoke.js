/**
 * The shortest check of a runtime on an operating system, for those that the other tests with processes do not know: two
 * workers serve, one that dies is replaced, and the pool ends with 0. Node and Bun take the built package, Deno the
 * sources.
 */
import { createServer } from "node:http"
import process from "node:process"

const isDeno = process.versions["deno"] !== undefined
const { default: kamisama } = await import(isDeno ? "../../src/index.ts" : "../../dist/index.js")
const port = Number(process.argv[2] ?? 34_871)

const pool = kamisama({
  workers: 2,
  timeout: 5_000,
  log: "info",
  run: () =>
    createServer((request, response) => {
      response.end("hello")
      if (request.url === "/crash") setTimeout(() => process.exit(3), 50)
    }).listen(port, "127.0.0.1"),
})

if (pool.isPrimary) {
  setTimeout(() => {
    console.error("it did not end within a minute")
    process.exit(2)
  }, 60_000).unref()
  await pool.ready
  const ask = async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  if ((await ask("/")) !== "hello") throw new Error("it does not answer")
  const replaced = new Promise((resolve) => pool.on("ready", resolve))
  await ask("/crash")
  await replaced
  if ((await ask("/")) !== "hello") throw new Error("it does not answer any more")
  await pool.stop()
}
