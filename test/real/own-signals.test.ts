/**
 * The program's own listeners to the stop signal: called once in each worker, whoever was sent how many signals, and given the time
 * that they need. See docs/decisions/own-signals.md.
 */
import { get } from "node:http"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import { expect, fixture, type Program, type ProgramOptions, test } from "./harness/program.ts"

type Start = (script: string, options?: ProgramOptions) => Program

interface Run {
  readonly options?: { readonly [name: string]: unknown }
  readonly keeps?: boolean
  /** Sends the stop signals. */
  readonly stop?: (program: Program) => void
}

/** The answer to a request, or the error instead of it. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    get({ port, agent: false, host: "127.0.0.1" }, (response) => {
      let text = ""
      response.on("data", (data: Buffer) => (text += data.toString()))
      response.on("end", () => resolve(text))
      response.on("error", ({ message }) => resolve(message))
    }).on("error", ({ message }) => resolve(message))
  })
}

function toPrimary(program: Program): void {
  program.signal("SIGTERM")
}

function toGroup(program: Program): void {
  program.signalGroup("SIGTERM")
}

/** To each process of the tree as well. */
function toAll(program: Program): void {
  for (const pid of [...program.workerPids(), program.pid]) program.signal("SIGTERM", pid)
  toGroup(program)
}

const signaled = {
  "to the primary": toPrimary,
  "to the group": toGroup,
  "to each process, and to the group": toAll,
}

/** Stops a pool of two with four requests in progress. @returns what became of it. */
async function stopped(
  start: Start,
  way: string,
  { options = {}, keeps = false, stop = toGroup }: Run = {},
): Promise<{ readonly [what: string]: unknown }> {
  const port = await freePort()
  const program = start(fixture("own-signals.ts"), {
    args: [way, String(port), JSON.stringify(options), ...(keeps ? ["keeps"] : [])],
  })
  await program.untilPrinted("ready")
  const answers = Promise.all([ask(port), ask(port), ask(port), ask(port)])
  await program.untilPrinted("request", 4)
  stop(program)
  const { code } = await program.untilExit()
  const count = (line: string): number => program.lines.filter((one) => one === line).length
  return {
    code,
    answers: (await answers).filter((answer) => answer === "answer").length,
    heard: program.lines.filter((line) => line.startsWith("heard")).sort(),
    cleaned: count("cleaned"),
    closed: count("closed"),
    warnings: program.stderr.split("\n").filter((line) => line.includes("its own listener")),
  }
}

const both = ["heard SIGTERM", "heard SIGTERM"]
const well = { code: 0, answers: 4, heard: both, cleaned: 0, closed: 0, warnings: [] }
const clean = { ...well, cleaned: 2 }

test.concurrent.for(Object.entries(signaled))(
  "listeners are called once, and no request is lost, if signals go %s",
  async ([, stop], { start }) => {
    expect(await stopped(start, "exits before the requests are answered", { stop })).toEqual(clean)
  },
)

test.concurrent.for(
  Object.entries({
    "closes its server and exits": well,
    "closes its server late and exits": clean,
    "exits at once": well,
    "exits with the code of the signal": clean,
    "exits with an error": { ...well, code: 1 },
    "sends itself the signal": clean,
    "returns a promise": { ...clean, closed: 2 },
    rejects: { ...well, code: 1 },
    logs: { ...well, closed: 2 },
    "sets an exit code": { ...well, code: 1, closed: 2 },
    "waits for it by a promise": clean,
    "listens at the top level": well,
    "has a shutdown": { ...well, heard: [] },
  }),
)("a program that %s loses no request", async ([way, result], { start }) => {
  expect(await stopped(start, way, { keeps: true })).toEqual(result)
})

test.concurrent(
  "a program that listens to SIGTERM alone is told of Ctrl-C by it",
  async ({ start }) => {
    const stop = (program: Program): void => program.signalGroup("SIGINT")
    expect(await stopped(start, "waits for it by a promise", { stop })).toEqual(clean)
    expect(await stopped(start, "sends itself the signal", { stop })).toEqual(clean)
  },
)

test.concurrent(
  "a program that starts something is waited for until nothing keeps the process alive",
  async ({ start }) => {
    expect(await stopped(start, "starts something")).toEqual({ ...clean, closed: 2 })
  },
)

test.concurrent(
  "a program that starts something, and stays alive, is ended in time, and told",
  async ({ start }) => {
    const options = { timeout: 4_000 }
    const given = { options, keeps: true }
    const { warnings, ...others } = await stopped(start, "starts something", given)
    expect({ ...others, warnings: [] }).toEqual({ ...clean, closed: 2 })
    expect(warnings).toEqual(
      Array.from({ length: 2 }, () =>
        expect.stringMatching(
          /worker \d: its own listener to SIGTERM has not ended the process 3 s after the stop/,
        ),
      ),
    )
  },
)

test.concurrent(
  "a program whose promise stays pending is killed at its timeout",
  async ({ start }) => {
    const given = { options: { timeout: 2_000 }, keeps: true }
    const way = "returns a promise that stays pending"
    const { warnings, ...others } = await stopped(start, way, given)
    expect({ ...others, warnings: [] }).toEqual({ ...well, code: 1 })
    expect(warnings).toHaveLength(2)
  },
)

test.concurrent(
  "a reload calls the listeners of each old worker once, and loses no request",
  async ({ start }) => {
    const port = await freePort()
    const program = start(fixture("own-signals.ts"), {
      args: ["exits before the requests are answered", String(port)],
    })
    await program.untilPrinted("ready")
    const load = startLoad({ port, clients: 4, keepAlive: false, pauseMs: 20 })
    for (const reloads of [1, 2]) {
      program.signal("SIGHUP")
      await program.untilPrinted("reload finished", reloads)
    }
    await program.untilPrinted("cleaned", 4)
    const { answered, ...others } = await load.end()
    expect(others).toEqual({ refused: 0, reset: 0, lost: [] })
    expect(answered).toBeGreaterThan(10)
    expect(program.lines.filter((line) => line.startsWith("heard"))).toHaveLength(4)
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(program.lines.filter((line) => line === "heard SIGTERM")).toHaveLength(6)
  },
)

test.concurrent(
  "a signal that the pool does not know reaches the listeners of the primary and of a worker",
  async ({ start }) => {
    const program = start(fixture("own-signals.ts"), { args: ["logs", String(await freePort())] })
    await program.untilPrinted("ready")
    program.signal("SIGUSR1")
    await program.untilPrinted("usr1 true")
    program.signal("SIGUSR1", program.workerPids()[0])
    await program.untilPrinted("usr1 false")
    program.signal("SIGTERM")
    expect((await program.untilExit()).code).toBe(0)
  },
)
