/** The server of the workers of both programs. It prints a line once it listens. */
import { createServer } from "node:http"

export function serve() {
  const server = createServer((request, response) => {
    if (request.url === "/block") compute()
    response.end("hello")
  })
  server.listen(Number(process.env.PORT), "127.0.0.1", () =>
    process.stdout.write(`up ${process.pid}\n`),
  )
  return server
}

/** Takes 3 s of the processor, in which nothing else happens in this process. */
function compute() {
  const until = performance.now() + 3_000
  while (performance.now() < until);
}
