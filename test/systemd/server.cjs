/** The shop of the tests: it answers, dies, hangs, and says once that it shuts down. */
const { createServer } = require("node:http")

const pid = process.pid
const server = createServer((request, response) => {
  if (request.url === "/die") process.exit(3)
  if (request.url === "/hang") {
    console.log(`${pid} hangs`)
    for (;;);
  }
  const status = require("node:fs").readFileSync("/proc/self/status", "utf8")
  const [, uid] = /^Uid:\s+(\d+)/m.exec(status)
  setTimeout(() => response.end(JSON.stringify({ pid, uid: Number(uid) })), 10)
})
server.listen(3000)
process.on("SIGTERM", () => {
  console.log(`shutdown of ${pid}`)
  server.close(() => process.exit(0))
})
