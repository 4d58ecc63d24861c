/**
 * Libraries of the field that listen to stop signals themselves, in a pool: each cleans up once in each worker, whoever was sent how
 * many signals, and no request is lost.
 */
import { get } from "node:http"
import { inject } from "vitest"
import { libraryProgram } from "./harness/built-fixtures.ts"
import { startLoad } from "./harness/load.ts"
import { freePort } from "./harness/ports.ts"
import {
  defaultRuntime,
  expect,
  type Program,
  type ProgramOptions,
  test,
} from "./harness/program.ts"

const runtime = defaultRuntime

const libraries = [
  "terminus",
  "terminus that exits",
  "close-with-grace",
  "close-with-grace at the top level",
  "http-terminator",
  "stoppable",
  "nest with hooks",
  "nest with hooks that is returned",
  "signal-exit",
  "exit-hook",
]

const stops: { readonly [to: string]: (program: Program) => void } = {
  "the primary": (program) => program.signal("SIGTERM"),
  "the group": (program) => program.signalGroup("SIGTERM"),
  "each process, and to the group twice": (program) => {
    for (const pid of [...program.workerPids(), program.pid]) program.signal("SIGTERM", pid)
    for (let times = 0; times < 2; times += 1) program.signalGroup("SIGTERM")
  },
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

type Start = (script: string, options?: ProgramOptions) => Program

/** A pool of two that serves. */
async function serving(start: Start, library: string, port: number): Promise<Program> {
  const script = libraryProgram(inject("builtFixtures"), runtime, "signals.js")
  const program = start(script, { args: [library, String(port)], runtime })
  await program.untilPrinted("ready")
  return program
}

function cleaned(program: Program): string[] {
  return program.lines.filter((line) => line.startsWith("cleaned"))
}

test.concurrent.for(
  libraries.flatMap((library) => Object.keys(stops).map((to) => ({ library, to }))),
)(
  "$library cleans up once, and loses no request, if signals go to $to",
  async ({ library, to }, { start }) => {
    const port = await freePort()
    const program = await serving(start, library, port)
    const answers = Promise.all([ask(port), ask(port), ask(port), ask(port)])
    await program.untilPrinted("request", 4)
    stops[to]?.(program)
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(await answers).toEqual(["answer", "answer", "answer", "answer"])
    expect(cleaned(program)).toEqual(["cleaned false", "cleaned false"])
    expect(program.stderr).toBe("")
  },
)

test.concurrent.for(libraries)(
  "%s cleans up once in each old worker of a reload, and loses no request",
  async (library, { start }) => {
    const port = await freePort()
    const program = await serving(start, library, port)
    const load = startLoad({ port, clients: 4, keepAlive: true, pauseMs: 20 })
    program.signal("SIGHUP")
    await program.untilPrinted("reload finished")
    await program.untilPrinted("cleaned", 2)
    const { answered, refused, lost } = await load.end()
    expect({ refused, lost }).toEqual({ refused: 0, lost: [] })
    expect(answered).toBeGreaterThan(10)
    expect(cleaned(program)).toHaveLength(2)
    program.signal("SIGTERM")
    expect(await program.untilExit()).toEqual({ code: 0, signal: null })
    expect(cleaned(program)).toHaveLength(4)
  },
)
