/**
 * The shop of the tests. What it does is up to the path of a request. It says once that it shuts down.
 */
import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { createServer } from "node:http"

const { pid } = process
const kept = []
let isToldToStop = () => undefined
const stopping = new Promise((resolve) => (isToldToStop = resolve))

/** A process that does nothing until it is ended. */
function startIdler(options) {
  return spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], {
    stdio: "ignore",
    ...options,
  })
}

async function answer({ url }, response) {
  switch (url) {
    case "/slow":
      // The rest comes after the stop signal: the request is under way then, however slow the machine is.
      response.write("begun, ")
      await stopping
      return setTimeout(() => response.end("finished"), 300)
    case "/grow":
      // Not on the heap of V8, which has a limit of its own.
      for (;;) kept.push(Buffer.alloc(2 ** 24, 1))
    case "/hang":
      console.log(`${pid} hangs`)
      for (;;);
    case "/child":
      return response.end(String(startIdler({}).pid))
    case "/detached":
      return response.end(String(startIdler({ detached: true }).pid))
    default:
      return response.end(
        JSON.stringify({
          pid,
          uid: process.getuid(),
          memory: process.constrainedMemory(),
          processesListed: readdirSync("/proc").length,
        }),
      )
  }
}

createServer((request, response) => void answer(request, response)).listen(
  Number(process.env.PORT ?? 3000),
)
process.on("SIGTERM", () => {
  console.log(`shutdown of ${pid}`)
  isToldToStop()
})
