/** The server of the workers of both programs. It prints a line once it listens. */
import { createServer } from "node:http"

export function serve() {
  const server = createServer((_request, response) => response.end("hello"))
  server.listen(Number(process.env.PORT), "127.0.0.1", () =>
    process.stdout.write(`up ${process.pid}\n`),
  )
  return server
}
