/** Requests in progress are answered at the stop, in whatever way `run` returns its servers. */
import { get } from "node:http"
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

test.for([
  { path: "beside a shutdown", servers: 1, lines: ["ready", "request", "shutdown"] },
  { path: "with a close of its own", servers: 1, lines: ["ready", "request", "closed"] },
  { path: "with a stream that its signal ends", servers: 1, lines: ["ready", "request"] },
  { path: "as two", servers: 2, lines: ["ready", "request", "request"] },
])("a server that run returns $path is drained", async ({ path, servers, lines }, { start }) => {
  const ports = await Promise.all(Array.from({ length: servers }, freePort))
  const program = start(fixture("returned.ts"), { args: [path, ...ports.map(String)] })
  const answers = await answersAtStop(program, ports)
  expect(answers).toEqual(ports.map(() => "answer"))
  expect(program.lines).toEqual(lines)
  expect(program.stderr).toBe("")
})

test("a server that run does not return is warned about at the stop", async ({ start }) => {
  const port = await freePort()
  const program = start(fixture("returned.ts"), { args: ["not at all", String(port)] })
  const [answer] = await answersAtStop(program, [port])
  expect(answer).toBe("socket hang up")
  expect(program.stderr).toMatch(/warn: worker 1: a server listens, but run did not return it/)
})
