/**
 * The pool that is soaked. Each of its processes connects to the control socket (control.ts), says which process it is,
 * and carries out the commands that it gets. The platform's log goes to a file, as in the tests of real processes.
 */
import { subscribe } from "node:diagnostics_channel"
import { appendFileSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { connect } from "node:net"
import { createInterface } from "node:readline"
import kamisama from "kamisama"

const { folder, port, scheduling, options } = JSON.parse(process.argv[2])

const infinite = (_name, value) => (value === Infinity ? "∞" : value)
subscribe("kamisama:log", (entry) =>
  appendFileSync(`${folder}/log`, `${JSON.stringify({ pid: process.pid, entry }, infinite)}\n`),
)

/** Connects, and carries out commands from then on. */
function connectToControl(role, commands) {
  const socket = connect(`${folder}/control`)
  socket.on("error", () => undefined)
  socket.unref()
  socket.write(`${role} ${process.pid}\n`)
  const lines = createInterface({ input: socket })
  lines.on("error", () => undefined)
  lines.on("line", (line) => {
    const [command, argument] = line.split(" ")
    commands[command]?.(argument)
  })
  return socket
}

const pool = kamisama({
  ...options,
  scheduling,
  signals: { SIGHUP: "reload" },
  log: "info",
  async run(_id, { recycle, signal }) {
    const version = readFileSync(`${folder}/version`, "utf8")
    if (version !== "good") appendFileSync(`${folder}/doomed`, `${process.pid}\n`)
    if (version === "throws") throw new Error("this version is broken")
    if (version === "never ready") return new Promise(() => setInterval(() => undefined, 1_000))
    let socket
    await new Promise((resolve) => {
      socket = connectToControl("worker", {
        welcome: resolve,
        recycle,
        exit: () => process.exit(1),
        throw: () => {
          throw new Error("nothing catches this")
        },
        hang() {
          for (;;);
        },
      })
    })
    // From here on, the control socket knows this worker, and when it ends.
    signal.addEventListener("abort", () => socket.write("stopping\n"))
    if (version === "dies") setTimeout(() => process.exit(1), 20)
    const server = createServer((_request, response) => {
      response.setHeader("x-pid", process.pid)
      response.flushHeaders()
      setTimeout(() => response.end("hello"), Math.random() * 20)
    })
    return server.listen(port, "127.0.0.1", () => socket.write("serving\n"))
  },
})

if (pool.isPrimary) {
  const socket = connectToControl("primary", {
    scale: (target) => pool.scale(Number(target)).catch(() => undefined),
  })
  pool.on("reload", ({ phase }) => {
    if (phase !== "started") socket.write("reload over\n")
  })
}
