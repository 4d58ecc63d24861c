/** The ports of a pool while its workers die, hang and are replaced. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe } from "vitest"
import { keepOpen } from "./harness/held.ts"
import type { PortSettings } from "./harness/port-settings.ts"
import { freePort, passingDescriptor } from "./harness/ports.ts"
import {
  defaultRuntime,
  expect,
  fixture,
  type Program,
  stopsWith,
  test as base,
} from "./harness/program.ts"

const test = base.extend<{ readonly folder: string }>({
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-ports-"))
    await use(folder)
    rmSync(folder, { recursive: true })
  },
})

const isNode = defaultRuntime.startsWith("node")

/** On Bun, each worker opens the ports by itself. See test/promises/exceptions.ts. */
const keepsPorts = defaultRuntime !== "bun"

const schedulings = isNode ? (["round-robin", "os"] as const) : (["os"] as const)

function settings(given: PortSettings): { readonly args: readonly string[] } {
  const options = { log: "silent", backoff: false, respawnLimit: 100, ...given.options }
  return { args: [JSON.stringify({ ...given, options })] }
}

/** The answer of a server at a port or a unix socket, or the code of the error. */
function ask(where: number | string, path = "/"): Promise<string> {
  const server = typeof where === "string" ? { socketPath: where } : { port: where }
  return new Promise((resolve) => {
    const asked = get({ ...server, path, agent: false, host: "127.0.0.1" }, (response) => {
      let text = ""
      response.on("data", (data: Buffer) => (text += data.toString()))
      response.on("end", () => resolve(text))
      response.on("error", () => resolve("broken off"))
    })
    asked.setTimeout(20_000, () => {
      resolve("hung")
      asked.destroy()
    })
    asked.on("error", ({ code = "" }: NodeJS.ErrnoException) => resolve(code))
  })
}

/** Kills every worker, and waits until none lives. */
async function killAll(program: Program, primary?: number): Promise<void> {
  const pids = program.workerPids(primary)
  for (const pid of pids) program.signal("SIGKILL", pid)
  await program.until("their end", () =>
    pids.every((pid) => !program.workerPids(primary).includes(pid)),
  )
}

async function untilRefused(program: Program, port: number): Promise<void> {
  let answer = ""
  const timer = setInterval(() => void ask(port).then((text) => (answer = text)), 50)
  await program
    .until("a refusal", () => answer === "ECONNREFUSED")
    .finally(() => {
      clearInterval(timer)
    })
}

describe.for(schedulings)("under scheduling %s", (scheduling) => {
  test.skipIf(!keepsPorts)(
    "connections wait for the next worker if all die at once",
    async ({ start }) => {
      for (const workers of [1, 2]) {
        const port = await freePort()
        const program = start(
          fixture("ports.ts"),
          settings({ options: { scheduling, workers }, listen: { port } }),
        )
        await program.untilPrinted("all ready")
        for (let death = 0; death < 4; death += 1) {
          const earlier = program.workerPids().map(String)
          await killAll(program)
          const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port)))
          for (const answer of answers) expect(answer).toMatch(/^\d+$/)
          expect(answers.filter((answer) => earlier.includes(answer))).toEqual([])
        }
        await stopsWith(program, 0)
        expect(await ask(port)).toBe("ECONNREFUSED")
      }
    },
  )

  test.skipIf(!keepsPorts)("port 0 stays the same port after a death", async ({ start }) => {
    const options = { scheduling, workers: 1 }
    const program = start(fixture("ports.ts"), settings({ options, listen: { port: 0 } }))
    const [first] = await program.untilPrinted("listens", 1)
    await program.untilPrinted("all ready")
    await killAll(program)
    const [, next] = await program.untilPrinted("listens", 2)
    expect(next).toBe(first)
    await stopsWith(program, 0)
  })

  test("a port is closed that the new version does not listen on", async ({ start, folder }) => {
    const file = join(folder, "port")
    const [old, moved] = [await freePort(), await freePort()]
    writeFileSync(file, `${old}`)
    const options = { scheduling, workers: 2, signals: { SIGHUP: "reload" } }
    const program = start(fixture("ports.ts"), settings({ options, file }))
    await program.untilPrinted("all ready")
    writeFileSync(file, `${moved}`)
    program.signal("SIGHUP")
    await untilRefused(program, old)
    expect(await ask(moved)).toMatch(/^\d+$/)
    await killAll(program)
    expect(await ask(moved)).toMatch(keepsPorts ? /^\d+$/ : /./)
    await stopsWith(program, 0)
  })

  test("a port is closed with the only slot that listens on it", async ({ start }) => {
    const [one, other] = [await freePort(), await freePort()]
    const options = { scheduling, workers: 2 }
    const program = start(fixture("ports.ts"), settings({ options, bySlot: [one, other] }))
    await program.untilPrinted("all ready")
    program.signal("SIGTTOU")
    await program.until("one worker", () => program.workerPids().length === 1)
    const answers = await Promise.all([ask(one), ask(other)])
    expect(answers.sort()).toEqual([expect.stringMatching(/^\d+$/), "ECONNREFUSED"])
    await stopsWith(program, 0)
  })

  test("a port is closed with a server that the program closes", async ({ start }) => {
    const port = await freePort()
    const options = { scheduling, workers: 1 }
    const program = start(fixture("ports.ts"), settings({ options, listen: { port } }))
    await program.untilPrinted("all ready")
    expect(await ask(port, "/close")).toMatch(/^\d+$/)
    await untilRefused(program, port)
    await stopsWith(program, 0)
  })
})

test("a port is closed at once when the pool stops", async ({ start }) => {
  const port = await freePort()
  const program = start(
    fixture("ports.ts"),
    settings({ options: { workers: 2 }, listen: { port } }),
  )
  await program.untilPrinted("all ready")
  let isAnswered = false
  const slow = ask(port, "/slow").finally(() => (isAnswered = true))
  await program.untilPrinted("slow")
  program.signal("SIGTERM")
  await untilRefused(program, port)
  expect(isAnswered).toBe(false)
  expect(await slow).toMatch(/^\d+$/)
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
})

test("cluster.disconnect() ends the workers, and a port stays", async ({ start }) => {
  const port = await freePort()
  const program = start(fixture("disconnecting.ts"), {
    args: [String(port)],
    breaksChannels: true,
  })
  await program.untilPrinted("disconnected")
  await program.untilPrinted("ready", 2)
  expect(await ask(port)).toBe("answer")
  await stopsWith(program, 0)
  expect(program.stderr).not.toContain("Error")
})

describe("a passed descriptor", () => {
  test.skipIf(!isNode).for(["round-robin", "os"] as const)(
    "stays open in the primary, whatever becomes of its workers: scheduling %s",
    async (scheduling, { start }) => {
      const port = await freePort()
      const options = { scheduling, workers: 1 }
      const program = start(fixture("ports.ts"), {
        ...settings({ options, listen: { fd: 3 } }),
        through: passingDescriptor(port),
      })
      await program.untilPrinted("all ready")
      const [primary] = program.workerPids()
      for (let death = 1; death <= 3; death += 1) {
        expect(await ask(port)).toMatch(/^\d+$/)
        if (death === 2) expect(await ask(port, "/close")).toMatch(/^\d+$/)
        await killAll(program, primary)
        await program.untilPrinted("listens", death + 1)
      }
      expect(await ask(port)).toMatch(/^\d+$/)
      await stopsWith(program, 0)
    },
  )
})

describe.for(schedulings)("the file of a unix socket, under scheduling %s", (scheduling) => {
  const options = { scheduling, workers: 2, respawnLimit: 0, log: "warn" }

  test.skipIf(!keepsPorts)(
    "is no obstacle if a killed primary has left it",
    async ({ start, folder }) => {
      const path = join(folder, "socket")
      const given = settings({ options, listen: { path } })
      const killed = start(fixture("ports.ts"), given)
      await killed.untilPrinted("all ready")
      killed.signal("SIGKILL")
      await killed.untilGone()
      expect(existsSync(path)).toBe(true)
      const program = start(fixture("ports.ts"), given)
      await program.untilPrinted("all ready")
      expect(await ask(path)).toMatch(/^\d+$/)
      await stopsWith(program, 0)
      expect({ stderr: program.stderr, isLeft: existsSync(path) }).toEqual({
        stderr: "",
        isLeft: false,
      })
    },
  )

  test("is an error if somebody answers, or if it is another kind of file", async ({
    start,
    folder,
  }) => {
    const path = join(folder, "socket")
    const other = createServer((_request, response) => response.end("other")).listen(path)
    const given = settings({ options, listen: { path } })
    const beside = start(fixture("ports.ts"), given)
    expect((await beside.untilExit()).code).toBe(1)
    expect(beside.stderr).toContain("EADDRINUSE")
    expect(await ask(path)).toBe("other")
    await new Promise((resolve) => other.close(resolve))
    writeFileSync(path, "text")
    const program = start(fixture("ports.ts"), given)
    expect((await program.untilExit()).code).toBe(1)
    expect(program.stderr).toContain("EADDRINUSE")
    expect(readFileSync(path, "utf8")).toBe("text")
  })

  test.skipIf(!keepsPorts)(
    "is made again if the program removes the one of a dead worker",
    async ({ start, folder }) => {
      const path = join(folder, "socket")
      const alone = { scheduling, workers: 1, log: "warn" }
      const program = start(
        fixture("ports.ts"),
        settings({ options: alone, listen: { path }, removesFile: true }),
      )
      await program.untilPrinted("all ready")
      await killAll(program)
      await program.untilPrinted("listens", 2)
      expect(await ask(path)).toMatch(/^\d+$/)
      await stopsWith(program, 0)
      expect(program.stderr).not.toContain("was removed")
    },
  )

  test.skipIf(!keepsPorts)(
    "is missed in the log if the program removes the one of another worker",
    async ({ start, folder }) => {
      const path = join(folder, "socket")
      const program = start(
        fixture("ports.ts"),
        settings({ options: { ...options, workers: 1 }, listen: { path }, removesFile: true }),
      )
      await program.untilPrinted("all ready")
      program.signal("SIGTTIN")
      await program.untilPrinted("ready", 2)
      await stopsWith(program, 0)
      expect(program.stderr).toContain(
        `the file of its socket was removed, so nobody can connect: ${path}.`,
      )
    },
  )
})

describe("under round robin", () => {
  test.skipIf(!isNode)(
    "connections of workers that hang are answered by others, and leave no descriptor",
    async ({ start }) => {
      const port = await freePort()
      const options = { scheduling: "round-robin", workers: 3, heartbeatTimeout: 500 }
      const program = start(fixture("ports.ts"), {
        ...settings({ options, listen: { port } }),
        through: ["sh", "-c", `ulimit -n 48; exec "$0" "$@"`],
      })
      await program.untilPrinted("all ready")
      const before = descriptors(program)
      for (let round = 1; round <= 8; round += 1) {
        const hanging = Array.from({ length: 3 }, () => ask(port, "/hang"))
        await program.untilPrinted("hangs", 3 * round)
        const waiting = Array.from({ length: 4 }, () => ask(port))
        for (const answer of await Promise.all(waiting)) expect(answer).toMatch(/^\d+$/)
        await Promise.all(hanging)
        await program.untilPrinted("ready", 3 * round + 3)
      }
      await program.until("no more descriptors", () => descriptors(program) <= before)
      await stopsWith(program, 0)
    },
    120_000,
  )
})

test.skipIf(!isNode)(
  "connections that wait do not keep the descriptors that the next worker needs",
  async ({ start }) => {
    const port = await freePort()
    const options = { workers: 1, backoff: { min: 500, max: 500 } }
    const program = start(fixture("ports.ts"), {
      ...settings({ options, listen: { port } }),
      through: ["sh", "-c", `ulimit -n 60; exec "$0" "$@"`],
    })
    await program.untilPrinted("all ready")
    await killAll(program)
    await program.untilPrinted("ready", 2)
    await killAll(program)
    await program.until("the second exit", () => program.events("worker-exited") === 2)
    const asked = Array.from({ length: 100 }, () => ask(port))
    await program.untilPrinted("ready", 3)
    expect(program.events("fork-failed")).toBe(0)
    const answers = await Promise.all(asked)
    expect(answers.filter((answer) => /^\d+$/.test(answer)).length).toBeGreaterThanOrEqual(15)
    expect(await ask(port)).toMatch(/^\d+$/)
    await stopsWith(program, 0)
  },
)

test.skipIf(!keepsPorts).for(schedulings)(
  "a port stays open if its last worker is scaled away while another one is restarted, with %s",
  async (scheduling, { start }) => {
    const port = await freePort()
    const options = { scheduling, workers: 2 }
    const program = start(fixture("ports.ts"), settings({ options, listen: { port } }))
    await program.untilPrinted("all ready")
    const [oldest = 0, other = 0] = program.workerPids()
    // It hears of the scale-down only when the other one is dead.
    program.signal("SIGSTOP", oldest)
    program.signal("SIGTTOU")
    await program.until("the request to stop", () => program.commands("stop-worker") === 1)
    program.signal("SIGKILL", other)
    await program.until("its exit", () => program.events("worker-exited") === 1)
    program.signal("SIGCONT", oldest)
    const answers: Promise<string>[] = []
    await program.until("the next worker", () => {
      answers.push(ask(port))
      return program.events("worker-became-ready") === 3
    })
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^\d+$/)
    await stopsWith(program, 0)
  },
)

test.skipIf(!isNode)(
  "the primary says that nobody is served if connections that wait for blocked workers take all its descriptors",
  async ({ start }) => {
    const port = await freePort()
    const options = { scheduling: "round-robin", workers: 1, heartbeatTimeout: 6_000, log: "warn" }
    const program = start(fixture("ports.ts"), {
      ...settings({ options, listen: { port } }),
      through: ["sh", "-c", `ulimit -n 60; exec "$0" "$@"`],
    })
    await program.untilPrinted("all ready")
    const hanging = keepOpen(port, "/hang")
    await program.untilPrinted("hangs")
    const waiting = Array.from({ length: 80 }, () => keepOpen(port))
    const line =
      "nobody is served: no file descriptor is left in the primary (ulimit -n 60), because"
    await program.until("the line", () => program.stderr.includes(line))
    // The blocked worker is killed, which frees them.
    await program.untilPrinted("ready", 2)
    for (const { socket } of [hanging, ...waiting]) socket.destroy()
    expect(await ask(port)).toMatch(/^\d+$/)
    await stopsWith(program, 0)
    expect(program.stderr.split(line)).toHaveLength(2)
  },
)

function descriptors(program: Program): number {
  return readdirSync(`/proc/${program.pid}/fd`).length
}
