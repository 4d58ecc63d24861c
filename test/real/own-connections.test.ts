/** Programs that end connections themselves while they stop. */
import { Agent, get } from "node:http"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, test } from "./harness/program.ts"

function ask(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    get({ port, agent, host: "127.0.0.1" }, (response) => {
      response.resume().on("end", () => resolve("answered"))
    }).on("error", ({ message }) => resolve(message))
  })
}

test("a program may wait for the idle connections that it ends", async ({ start }) => {
  const port = await freePort()
  const program = start(fixture("own-connections.ts"), { args: ["idle", String(port)] })
  await program.untilPrinted("ready")
  const agent = new Agent({ keepAlive: true })
  expect(await ask(port, agent)).toBe("answered")
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  expect(program.lines).toContain("done")
  agent.destroy()
})

test("a program may refuse connections that come after the stop", async ({ start }) => {
  const port = await freePort()
  const program = start(fixture("own-connections.ts"), { args: ["new", String(port)] })
  await program.untilPrinted("ready")
  program.signal("SIGTERM")
  await program.untilPrinted("stopping")
  expect(await ask(port, new Agent())).not.toBe("answered")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
})

test("a request that comes at the stop is answered on a connection that another server has passed", async ({
  start,
}) => {
  const port = await freePort()
  const program = start(fixture("own-connections.ts"), { args: ["passed", String(port)] })
  await program.untilPrinted("ready")
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  expect(await ask(port, agent)).toBe("answered")
  program.signal("SIGTERM")
  await program.untilPrinted("stopping")
  expect(await ask(port, agent)).toBe("answered")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
})
