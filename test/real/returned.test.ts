/** Requests in progress are answered at the stop, whether or not `run` returns its servers. */
import { get } from "node:http"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, test } from "./harness/program.ts"

/** The answer to a request, or the error instead of it. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    get({ port, agent: false }, (response) => {
      let text = ""
      response.on("data", (data: Buffer) => (text += data.toString()))
      response.on("end", () => resolve(text))
      response.on("error", ({ message }) => resolve(message))
    }).on("error", ({ message }) => resolve(message))
  })
}

async function answersAtStop(program: Program, ports: readonly number[]): Promise<string[]> {
  await program.untilPrinted("ready")
  const answers = Promise.all(ports.map(ask))
  await program.untilPrinted("request", ports.length)
  program.signal("SIGTERM")
  expect((await program.untilExit()).code).toBe(0)
  return answers
}

test("a program that listens late, and returns nothing, is reloaded without losing a request", async ({
  start,
}) => {
  const port = await freePort()
  const program = start(fixture("listens-late.ts"), { args: [String(port)] })
  await program.untilPrinted("listens", 2)
  const load = startLoad({ port, clients: 4, keepAlive: false, pauseMs: 20 })
  for (const reloads of [1, 2]) {
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished", reloads)
  }
  const { answered, ...others } = await load.end()
  expect(others).toEqual({ refused: 0, reset: 0, lost: [] })
  expect(answered).toBeGreaterThan(10)
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
})

test.for([
  { path: "beside a shutdown", lines: ["ready", "request", "shutdown"] },
  { path: "with a close of its own", lines: ["ready", "request", "closed"] },
  { path: "as two", servers: 2, lines: ["ready", "request", "request"] },
  { path: "as an app that is a function" },
  { path: "as an app that emits events" },
  { path: "as a module" },
  { path: "not at all" },
  { path: "not at all, and late" },
  { path: "not at all, beside a shutdown", lines: ["ready", "request", "shutdown"] },
  { path: "not at all, and closes itself" },
  { path: "not at all, and closes at the signal" },
  { path: "not at all, and is pending" },
  { path: "not at all, and never lets it listen" },
])(
  "a server that run returns $path is drained",
  async ({ path, servers = 1, lines }, { start }) => {
    const ports = await Promise.all(Array.from({ length: servers }, freePort))
    const program = start(fixture("returned.ts"), { args: [path, ...ports.map(String)] })
    const answers = await answersAtStop(program, ports)
    expect(answers).toEqual(ports.map(() => "answer"))
    expect(program.lines).toEqual(lines ?? ["ready", "request"])
    expect(program.stderr).toBe("")
  },
)
