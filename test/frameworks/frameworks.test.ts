/**
 * Software that people run, in pools, with clients: nothing is lost at reloads, when the pool is scaled down and up, and at the
 * stop; of a worker that is killed, only what it had in hand.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, beforeAll, inject } from "vitest"
import { traceOf } from "../real/harness/built-fixtures.ts"
import { type Load, startLoad } from "../real/harness/load.ts"
import { freePort } from "../real/harness/ports.ts"
import { expect, type Program, type ProgramOptions, test } from "../real/harness/program.ts"
import { commandScript, type Runtime, runtimes } from "../real/harness/runtimes.ts"
import { type Framework, frameworks } from "./frameworks.ts"
import { installed, type Service, startHaproxy, startPostgres, startRedis } from "./services.ts"

const workers = 2
const clients = 8

/** How often a pool is reloaded. */
const reloadsOn = (runtime: Runtime): number => (runtime === "node24" ? 5 : 2)

const wanted = (process.env["KAMISAMA_TEST_FRAMEWORK_RUNTIMES"] ?? "node24,deno,bun").split(",")

const programs = {
  redis: installed("redis-server"),
  postgres: installed("postgres"),
  haproxy: installed("haproxy"),
}

let folder = ""

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-frameworks-"))
  // Deno takes the packages that are beside a program.
  writeFileSync(join(folder, "deno.json"), `{ "nodeModulesDir": "manual" }`)
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
})

afterAll(() => rmSync(folder, { recursive: true }))

const cases = runtimes
  .filter((runtime) => wanted.includes(runtime))
  .flatMap((runtime) => frameworks.map((framework) => ({ runtime, framework, ...framework })))

for (const { runtime, framework } of cases) {
  const { name, form, needs, exceptions } = framework
  const reason =
    exceptions?.[runtime] ??
    (needs !== undefined && programs[needs] === undefined ? `${needs} is not installed` : undefined)
  const title = `${name}, by the ${form}, loses nothing on ${runtime}`
  if (reason !== undefined) {
    test.skip(`${title}: ${reason}`, () => undefined)
    continue
  }
  test.concurrent(title, async ({ start }) => {
    const surroundings = await surroundingsOf(framework)
    try {
      await lives(framework, runtime, surroundings, start)
    } finally {
      await surroundings.service?.stop()
    }
  })
}

type Start = (script: string, options: ProgramOptions) => Program

async function lives(
  framework: Framework,
  runtime: Runtime,
  { env, port, service }: Surroundings,
  start: Start,
): Promise<void> {
  const program = launch(framework, runtime, start, env)
  const ready = (count: number): Promise<unknown> =>
    program.until(`${count} × ready`, () => program.events("worker-became-ready") >= count)
  await ready(workers)
  const loads = await startClients(framework, port, service)
  const lost = (): string[] => loads.flatMap(({ report }) => [...report.lost])
  const answered = (): number => loads.reduce((sum, { report }) => sum + report.answered, 0)
  const served = async (): Promise<void> => {
    const before = answered()
    await program.until("answers", () => answered() >= before + clients)
  }

  await served()
  let ends = 0
  const stopped = (): Promise<unknown> =>
    program.until(`${ends} × exit`, () => program.events("worker-exited") >= ends)
  const reloads = framework.isOnlyStopped === true ? 0 : reloadsOn(runtime)
  for (let count = 1; count <= reloads; count += 1) {
    program.signal("SIGHUP")
    await program.until("a reload", () => program.commands("announce-reload") === 2 * count)
    ends += workers
  }
  await stopped()
  if (framework.isOnlyStopped !== true) {
    program.signal("SIGTTOU")
    ends += 1
    await stopped()
    await served()
    program.signal("SIGTTIN")
    await ready(workers + ends)
  }
  await served()
  expect(lost(), `at reloads and scaling, of:\n${program.stderr}`).toEqual([])

  if (framework.logged === undefined && framework.isOnlyStopped !== true) {
    const [victim = 0] = program.workerPids()
    program.signal("SIGKILL", victim)
    await ready(workers + ends + 1)
    await served()
    expect(
      lost().length,
      `what the killed worker had in hand: ${lost().join(", ")}`,
    ).toBeLessThanOrEqual(clients)
  }
  const lostInHand = lost()

  if (framework.clients === "jobs") for (const load of loads) await load.end()
  program.signal("SIGTERM")
  expect(await program.untilExit()).toEqual({ code: 0, signal: null })
  await program.untilGone()
  const reports = await Promise.all(loads.map((load) => load.end()))
  expect(lost(), `at the stop, of:\n${program.stderr}`).toEqual(lostInHand)
  const { farewell, logged } = framework
  const count = (text: string): number => program.stdout.split(text).length - 1
  if (farewell !== undefined) expect(count(farewell)).toBe(ends + workers)
  if (logged !== undefined)
    expect(count(logged)).toBe(reports.reduce((sum, report) => sum + report.answered, 0))
  expect(program.commands("kill-worker"), "workers that did not stop").toBe(0)
  expect(program.stderr.replaceAll(/^\[kamisama\] .*\n/gm, "")).toBe("")
  const { needs } = framework
  if (needs === "redis" || needs === "postgres") {
    const url = new URL("clients/connections.mjs", import.meta.url)
    const { connectionsOf } = (await import(url.href)) as ConnectionsModule
    expect(await connectionsOf(needs, service?.port ?? 0), "open connections").toBe(0)
  }
}

interface ConnectionsModule {
  connectionsOf(kind: "redis" | "postgres", port: number): Promise<number>
}

/** Starts the program, with the trace of the tests before it. */
function launch(
  framework: Framework,
  runtime: Runtime,
  start: Start,
  variables: { readonly [variable: string]: string },
): Program {
  const { form, script: name } = framework
  const cwd = fileURLToPath(new URL(`programs/${framework.folder}/`, import.meta.url))
  const script = join(cwd, name)
  const [target, args] =
    form === "function"
      ? [script, []]
      : [commandScript(runtime), ["-w", String(workers), "--signal", "HUP=reload", script]]
  const trace = traceOf(inject("builtFixtures"), runtime)
  const env = { WEB_CONCURRENCY: String(workers), ...variables }
  if (runtime !== "deno") {
    const execArgv = runtime === "bun" ? ["--preload", fileURLToPath(trace)] : ["--import", trace]
    return start(target, { execArgv, args, env, runtime, cwd })
  }
  // On Deno no flag reaches the workers. Those of a function load this script again; those of the command do not.
  const wrapper = join(folder, `${framework.folder}-${form}-${name.replaceAll("/", "-")}`)
  writeFileSync(wrapper, `import "${trace}"\nimport "${pathToFileURL(target).href}"\n`)
  return start(wrapper, { args, env, runtime, cwd, tracesWorkers: form === "function" })
}

interface Surroundings {
  readonly env: { readonly [variable: string]: string }
  /** The port that clients use. */
  readonly port: number
  /** What the program needs, or what is in front of it. */
  readonly service?: Service
}

/** A port below those that clients connect from, with the two after it free as far as they are of these tests. */
function portOfThree(): number {
  return (lastPort -= 3)
}

let lastPort = 29_000 - (process.pid % 1_000) * 3

async function surroundingsOf({ needs }: Framework): Promise<Surroundings> {
  const port = needs === "haproxy" ? portOfThree() : await freePort()
  const env = { PORT: String(port), METRICS_PORT: String(await freePort()) }
  if (needs === undefined) return { env, port }
  const program = programs[needs] ?? ""
  switch (needs) {
    case "redis": {
      const service = await startRedis(program)
      return { env: { ...env, REDIS_PORT: String(service.port) }, port, service }
    }
    case "postgres": {
      const service = await startPostgres(program)
      const url = `postgres://postgres@127.0.0.1:${service.port}/postgres`
      return { env: { ...env, DATABASE_URL: url }, port, service }
    }
    case "haproxy": {
      const front = await freePort()
      const config = fileURLToPath(new URL("programs/socket.io/haproxy.cfg", import.meta.url))
      const ports = { PORT: front, PORT_1: port + 1, PORT_2: port + 2 }
      return { env, port: front, service: await startHaproxy(program, config, ports) }
    }
  }
}

type ClientModule = { startClients(options: { readonly [name: string]: unknown }): Load }

async function startClients(
  framework: Framework,
  port: number,
  service: Service | undefined,
): Promise<Load[]> {
  const { path = "/" } = framework
  if (framework.clients === "http")
    return [true, false].map((keepAlive) =>
      startLoad({ port, path, clients: clients / 2, keepAlive, pauseMs: 20 }),
    )
  const url = new URL(`clients/${framework.clients}.mjs`, import.meta.url)
  const { startClients } = (await import(url.href)) as ClientModule
  return [startClients({ port, clients, redisPort: service?.port, ...framework.settings })]
}
