/**
 * An HTTP server on one port, with a worker per core. `npm start` runs it.
 *
 * The server that `run` returns is all that a graceful stop needs: it is closed when its last request is answered.
 */
import { createServer } from "node:http"
import kamisama from "kamisama"

const port = Number(process.env["PORT"] ?? 3000)

const pool = kamisama({
  log: "info",
  run: (id) =>
    createServer((request, response) => {
      if (request.url === "/crash") process.nextTick(() => process.exit(1))
      else response.end(`hello from worker ${id} (pid ${process.pid})\n`)
    }).listen(port),
})

if (pool.isPrimary) {
  pool.ready.then(
    () => console.log(whatToTry(process.pid, pool.workers.length)),
    () => console.error("the pool ended before it was ready"),
  )
}

function whatToTry(pid: number, workers: number): string {
  return `
${workers} workers serve http://localhost:${port} and are supervised by pid ${pid}. Try in another terminal:

  curl http://localhost:${port}            each request may be answered by another worker
  curl http://localhost:${port}/crash      a worker dies, and is respawned
  kill -TTIN ${pid}                     one worker more
  kill -TTOU ${pid}                     one worker less
  kill -TERM ${pid}                     stop gracefully, as Ctrl-C does here
  kill -KILL ${pid}                     even so, no worker is left behind
`
}
