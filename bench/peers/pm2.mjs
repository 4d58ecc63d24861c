/** The pool with pm2, in the foreground. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const { workers } = JSON.parse(process.argv[2])
const home = mkdtempSync(join(tmpdir(), "kamisama-bench-pm2-"))
const runtime = fileURLToPath(new URL("node_modules/pm2/bin/pm2-runtime", import.meta.url))
const script = fileURLToPath(new URL("worker.mjs", import.meta.url))
const args = ["start", script, "-i", String(workers), "--raw", "--name", "bench"]
const child = spawn(process.execPath, [runtime, ...args], {
  env: { ...process.env, PM2_HOME: home },
  stdio: ["ignore", "inherit", "inherit"],
})
process.on("SIGTERM", () => child.kill("SIGTERM"))
child.on("exit", () => {
  rmSync(home, { recursive: true, force: true })
  process.exit(0)
})
