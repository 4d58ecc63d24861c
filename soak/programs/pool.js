/**
 * The pool that is soaked. Each of its processes connects to the control socket (control.ts), says which process it is,
 * and carries out the commands that it gets. The platform's log goes to a file, as in the tests of real processes.
 *
 * `way` says how kamisama gets the servers of a worker: they are returned, or not, or a module listens by itself. Some workers
 * have a child of their own, the command `helper`.
 */
import { spawn } from "node:child_process"
import { subscribe } from "node:diagnostics_channel"
import { appendFileSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { createInterface } from "node:readline"
import kamisama from "kamisama"
import { serve } from "./servers.js"

// A new primary that cannot start: the old one serves on.
if (process.env.KAMISAMA_UPGRADE !== undefined) {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 500))
  process.exit(1)
}

const { folder, port, scheduling, way, helper, options } = JSON.parse(process.argv[2])

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
    const sayStopping = () => socket.write("stopping\n")
    if (signal.aborted) sayStopping()
    else signal.addEventListener("abort", sayStopping)
    if (version === "dies") setTimeout(() => process.exit(1), 20)
    if (Math.random() < 0.3) spawn(helper[0], helper.slice(1), { stdio: "ignore" }).unref()
    const tell = (line) => socket.write(`${line}\n`)
    if (way === "module") {
      globalThis.soaked = { port, tell }
      return import("./module.js")
    }
    const servers = serve(port, tell)
    return way === "returned" ? servers : undefined
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
