/**
 * An HTTP server on one port, with one worker per core. `npm start` runs it.
 *
 * A graceful shutdown needs nothing but the server that `run` returns: kamisama closes it after its last response.
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
${workers} workers serve http://localhost:${port}, supervised by pid ${pid}. Try in another terminal:

  curl http://localhost:${port}            any of the workers may answer
  curl http://localhost:${port}/crash      a worker crashes, and is replaced
  kill -TTIN ${pid}                     one more worker
  kill -TTOU ${pid}                     one fewer
  kill -TERM ${pid}                     graceful shutdown, as with Ctrl-C
  kill -KILL ${pid}                     kills the primary; its workers still shut down
`
}
