/**
 * Records the terminal session of the start page: runs the commands with the built package, and writes what was printed to
 * web/demo/session.json. `node site/record.ts`
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"

/** What was typed, or printed. */
export interface Printed {
  readonly kind: "typed" | "printed"
  readonly text: string
}

const command = resolve(import.meta.dirname, "../dist/cli.js")
const boundMs = 20_000

/** Plays the session. It takes some ten seconds. */
export async function record(): Promise<readonly Printed[]> {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-session-"))
  const session: Printed[] = []
  const add = (kind: Printed["kind"], text: string): void => {
    session.push({ kind, text })
  }
  const script = `import { createServer } from "node:http"\ncreateServer((_, response) => response.end("hello")).listen(0)\n`
  writeFileSync(join(folder, "server.mjs"), script)

  function start(...args: readonly string[]): ChildProcess {
    const env = { ...process.env, XDG_RUNTIME_DIR: folder, TMPDIR: folder, NO_COLOR: "1" }
    // It prints what it prints on a terminal.
    const line = ["stty cols 78;", process.execPath, command, ...args].join(" ")
    const child = spawn("script", ["-qefc", line, "/dev/null"], { cwd: folder, env })
    child.stdout.on("data", (data: Buffer) => {
      for (const text of data.toString().trimEnd().split(/\r?\n/)) add("printed", text)
    })
    return child
  }

  async function until(what: string, fits: () => boolean): Promise<void> {
    for (const end = performance.now() + boundMs; !fits(); await setTimeout(20)) {
      if (performance.now() > end)
        throw new Error(`${what} did not come: ${JSON.stringify(session)}`)
    }
  }

  async function call(...args: readonly string[]): Promise<void> {
    add("typed", `npx kamisama ${args.join(" ")}`)
    const child = start(...args)
    await until("the end of a command", () => child.exitCode !== null)
    await setTimeout(800)
  }

  const printed = (text: string): boolean =>
    session.some((one) => one.kind === "printed" && one.text.includes(text))
  add("typed", "npx kamisama --workers 3 server.mjs &")
  const pool = start("--workers", "3", "server.mjs")
  try {
    await until("the pool", () => printed("3 workers ready") && printed("stop: Ctrl-C"))
    await until("the socket", () => existsSync(`${folder}/kamisama`))
    await setTimeout(800)
    const victim = /workers: \d+, (\d+)/.exec(session.map(({ text }) => text).join("\n"))
    add("typed", `kill -9 ${victim?.[1]}`)
    process.kill(Number(victim?.[1]), "SIGKILL")
    await until("the next worker", () => printed("worker 2 restarted"))
    await setTimeout(1_200)
    await call("status")
    await call("reload")
    await call("stop")
    await until("the end of the pool", () => pool.exitCode !== null)
  } finally {
    if (pool.exitCode === null) pool.kill("SIGTERM")
    rmSync(folder, { recursive: true })
  }
  return session
}

if (import.meta.main) {
  const file = resolve(import.meta.dirname, "../web/demo/session.json")
  writeFileSync(file, `${JSON.stringify(await record(), null, 2)}\n`)
}
