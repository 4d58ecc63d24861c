/**
 * Runs as a service inside a container whose pid 1 is systemd. Does what an operator does with the units of deploy/systemd, and writes
 * what came of it to /results/facts.json: a fact for each thing that the test looks at. Then the container is powered off.
 */
import { execFile } from "node:child_process"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { type Agent, get } from "node:http"

const facts: { [name: string]: unknown } = {}

interface Ran {
  readonly code: number | null
  readonly out: string
}

function run(...[command = "", ...args]: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(command, args, { maxBuffer: 2 ** 26 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, out: `${stdout}${stderr}`.trim() }),
    )
  })
}

const systemctl = (...args: readonly string[]): Promise<Ran> => run("systemctl", ...args)

async function property(name: string): Promise<string> {
  return (await systemctl("show", "--value", "-p", name, "shop.service")).out
}

async function until(what: string, fits: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 30_000
  while (!(await fits())) {
    if (Date.now() > deadline) {
      facts[`never: ${what}`] = (await systemctl("status", "--no-pager", "-l", "shop.service")).out
      return false
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return true
}

function ask(path = "/", agent: Agent | false = false): Promise<string> {
  return new Promise((resolve) => {
    get({ port: 3000, host: "127.0.0.1", path, agent }, (response) => {
      let body = ""
      response.on("data", (part: Buffer) => (body += part.toString()))
      response.on("end", () => resolve(body))
      response.on("error", (error: NodeJS.ErrnoException) => resolve(`lost: ${error.code}`))
    }).on("error", (error: NodeJS.ErrnoException) => resolve(`lost: ${error.code}`))
  })
}

/** Clients, each with a new connection for each request. */
function startLoad(clients: number): () => Promise<{ answered: number; lost: string[] }> {
  let isEnding = false
  let answered = 0
  const lost: string[] = []
  const working = Array.from({ length: clients }, async () => {
    while (!isEnding) {
      const answer = await ask()
      if (answer.startsWith("{")) answered += 1
      else lost.push(answer)
    }
  })
  return async () => {
    isEnding = true
    await Promise.all(working)
    return { answered, lost }
  }
}

interface JournalEntry {
  readonly MESSAGE: string
  readonly PRIORITY: string
  readonly _PID: string
}

async function journal(): Promise<JournalEntry[]> {
  await run("journalctl", "--sync")
  const { out } = await run("journalctl", "-u", "shop.service", "-o", "json", "--no-pager")
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JournalEntry)
}

async function isInJournal(pattern: RegExp): Promise<boolean> {
  return (await journal()).some(({ MESSAGE }) => pattern.test(MESSAGE))
}

/** The processes in the control group of the service. */
function processesLeft(): string[] {
  try {
    return readFileSync("/sys/fs/cgroup/system.slice/shop.service/cgroup.procs", "utf8")
      .split("\n")
      .filter((line) => line !== "")
  } catch {
    return []
  }
}

const good = "/tests/server.cjs"

/** How often it is restarted under load with each scheduling. */
const restarts = 25

async function restartUnderLoad(scheduling: string): Promise<void> {
  mkdirSync("/run/systemd/system/shop.service.d", { recursive: true })
  const drop = `[Service]\nEnvironment=KAMISAMA_SCHEDULING=${scheduling}\n`
  writeFileSync("/run/systemd/system/shop.service.d/scheduling.conf", drop)
  await systemctl("daemon-reload")
  const load = startLoad(8)
  const codes: (number | null)[] = []
  for (let count = 0; count < restarts; count += 1) {
    codes.push((await systemctl("restart", "shop.service")).code)
  }
  const { answered, lost } = await load()
  facts[`restarts under load, ${scheduling}`] = {
    failed: codes.filter((code) => code !== 0),
    lost,
    isMuch: answered > 10 * restarts,
  }
  facts[`answered meanwhile, ${scheduling}`] = answered
}

/** The unit limits the starts, by hand too. The test had lifted that. */
async function restartTooOften(): Promise<void> {
  const drop = "[Unit]\nStartLimitIntervalSec=300\n"
  writeFileSync("/run/systemd/system/shop.service.d/usual.conf", drop)
  await systemctl("daemon-reload")
  await systemctl("reset-failed", "shop.service")
  const codes: (number | null)[] = []
  for (let count = 0; count < 11; count += 1) {
    codes.push((await systemctl("restart", "shop.service")).code)
  }
  facts["restarts by hand that are refused"] = codes.flatMap((code, at) => (code === 0 ? [] : at))
  facts["and what is left then"] = await property("ActiveState")
  await systemctl("reset-failed", "shop.service", "shop.socket")
  facts["reset-failed counts from 0"] = (
    await systemctl("start", "shop.socket", "shop.service")
  ).code
}

async function isRunningAfter(mainPid: string): Promise<boolean> {
  return (await property("MainPID")) !== mainPid && (await property("SubState")) === "running"
}

async function scenarios(): Promise<void> {
  mkdirSync("/srv/shop/node_modules", { recursive: true })
  copyFileSync(good, "/srv/shop/shop.js")
  facts["version"] = (await systemctl("--version")).out.split("\n")[0]
  facts["socket starts"] = (await systemctl("start", "shop.socket")).code
  facts["start returns when it is ready"] = (await systemctl("start", "shop.service")).code
  facts["status text"] = await property("StatusText")
  facts["user is no root"] = (JSON.parse(await ask()) as { uid: number }).uid > 0
  facts["warnings of the unit"] = (await run("systemd-analyze", "verify", "shop.service")).out

  const mainPid = await property("MainPID")
  const load = startLoad(8)
  facts["reload"] = (await systemctl("reload", "shop.service")).code
  const { answered, lost } = await load()
  facts["reload under load"] = { lost, isMuch: answered > 20 }
  facts["reload keeps the primary"] = (await property("MainPID")) === mainPid

  writeFileSync("/srv/shop/shop.js", "throw new Error('no database')")
  facts["a broken version fails the reload"] = (await systemctl("reload", "shop.service")).code
  facts["and the old one serves on"] = (await ask()).startsWith("{")
  facts["and says why"] = await isInJournal(/reload aborted/)
  copyFileSync(good, "/srv/shop/shop.js")

  for (const scheduling of ["round-robin", "os"]) await restartUnderLoad(scheduling)

  await ask("/die")
  await until("the warning", () => isInJournal(/exited with code 3/))
  const [warning] = (await journal()).filter(({ MESSAGE }) =>
    MESSAGE.includes("exited with code 3"),
  )
  facts["levels in the journal"] = `${warning?.PRIORITY} ${warning?.MESSAGE}`

  // A primary that hangs.
  const hung = await property("MainPID")
  process.kill(Number(hung), "SIGSTOP")
  const isRestarted = await until("the restart", () => isRunningAfter(hung))
  facts["the watchdog restarts a primary that hangs"] = isRestarted
  facts["by its rule"] = await isInJournal(/Watchdog timeout/i)

  // A primary that is killed.
  const killed = await property("MainPID")
  const workers = processesLeft().filter((pid) => pid !== killed)
  const before = (await journal()).length
  process.kill(Number(killed), "SIGKILL")
  facts["a killed primary is started again"] = await until("the start", () =>
    isRunningAfter(killed),
  )
  const shutdowns = (await journal())
    .slice(before)
    .filter(({ MESSAGE }) => MESSAGE.startsWith("shutdown of "))
    .map(({ MESSAGE }) => MESSAGE.slice("shutdown of ".length))
  facts["each worker of a killed primary shut down once"] =
    shutdowns.length === 2 &&
    new Set(shutdowns).size === 2 &&
    shutdowns.every((pid) => workers.includes(pid))
  facts["and none of them is left"] = workers.every((pid) => !processesLeft().includes(pid))

  await restartTooOften()

  // A worker that hangs at the stop.
  const hanging = ask("/hang")
  await until("the hang", () => isInJournal(/hangs/))
  const stoppedAt = Date.now()
  facts["stop"] = (await systemctl("stop", "shop.service")).code
  const seconds = (Date.now() - stoppedAt) / 1_000
  facts["a worker that hangs holds up a stop for the timeout"] =
    (seconds > 2.5 && seconds < 8) || seconds
  facts["and its client is told"] = await hanging
  facts["and the result says so"] = await property("Result")
  facts["and nothing is left"] = processesLeft()
}

try {
  await scenarios()
} catch (error) {
  facts["error"] = String((error as Error).stack)
}
facts["journal"] = (await journal())
  .slice(-60)
  .map(({ PRIORITY, MESSAGE }) => `${PRIORITY} ${MESSAGE}`)
writeFileSync("/results/facts.json", JSON.stringify(facts, null, 2))
await systemctl("poweroff")
