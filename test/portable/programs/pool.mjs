/**
 * A pool that serves at a port and is steered at another. Its options and its version stand in files beside it.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import process from "node:process"
import { kamisama } from "kamisama"

const beside = (file) => readFileSync(new URL(file, import.meta.url), "utf8")
const { port, steering, options } = JSON.parse(beside("settings.json"))

/** What a worker does once it has answered. */
const afterwards = {
  "/exit": () => process.exit(3),
  "/throw": () => {
    throw new Error("thrown on request")
  },
  "/hang": () => {
    for (;;);
  },
}

let isToldToStop = () => undefined
const stopping = new Promise((resolve) => (isToldToStop = resolve))

function serve(id, version) {
  return createServer(({ url }, response) => {
    const finish = () => response.end(`${process.pid} ${version}`, afterwards[url])
    response.write(`${id} `)
    // The rest comes after the stop: the request is in progress then, however slow the machine is.
    if (url === "/slow") void stopping.then(() => setTimeout(finish, 300))
    else finish()
  }).listen(port, "127.0.0.1")
}

const pool = kamisama({
  log: "info",
  ...options,
  run(id) {
    const version = beside("version.txt")
    if (version === "broken") throw new Error("this version is broken")
    return serve(id, version)
  },
  shutdown(id, _signal, { reason }) {
    console.log(`shutdown ${id} ${reason}`)
    isToldToStop()
  },
})

/** What can be asked of the pool. */
const requests = {
  "/reload": () => pool.reload(),
  "/scale/3": () => pool.scale(3),
  "/scale/1": () => pool.scale(1),
  "/status": () => pool.status(),
  "/stop": () => pool.stop(),
}

async function steer(request, response) {
  try {
    response.end(JSON.stringify((await requests[request.url]()) ?? null))
  } catch (error) {
    response.end(JSON.stringify({ error: error.message }))
  }
}

if (pool.isPrimary) {
  createServer((...exchange) => void steer(...exchange)).listen(steering, "127.0.0.1")
  void pool.done.then(({ code }) => console.log(`done ${code}`))
}
