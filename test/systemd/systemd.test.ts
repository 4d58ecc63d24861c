/**
 * The units of deploy/systemd under a real systemd 257: a Debian is installed into a folder once, and booted in a container. Needs root,
 * debootstrap and systemd-nspawn; where they are missing, that is said and skipped.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"
import { missingForRoot } from "../real/harness/missing.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const release = "trixie"
const system =
  process.env["KAMISAMA_TEST_SYSTEMD_ROOT"] ?? join(tmpdir(), `kamisama-systemd-${release}`)
const missing = missingForRoot(["debootstrap", "systemd-nspawn"])
if (missing.length > 0) console.log(`skipped: systemd is not tested without ${missing.join(", ")}`)

let facts: { readonly [name: string]: unknown } = {}
let results = ""

/** Where this machine gets its packages from. */
function mirror(): string {
  const { stdout } = spawnSync("apt-get", ["indextargets", "--format", "$(SITE)"], {
    encoding: "utf8",
  })
  const [site = ""] = stdout.split("\n").filter((line) => line !== "" && !line.includes("security"))
  return site
}

function install(): void {
  if (existsSync(system)) return
  const unfinished = `${system}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  const include = "--include=systemd,systemd-sysv,dbus,libstdc++6,libatomic1"
  const { status, stdout } = spawnSync(
    "debootstrap",
    ["--variant=minbase", include, release, unfinished, mirror()],
    { encoding: "utf8", maxBuffer: 2 ** 26 },
  )
  if (status !== 0) throw new Error(`debootstrap failed: ${stdout.slice(-2_000)}`)
  renameSync(unfinished, system)
}

/** A service that runs the scenarios once the container has booted. */
const driver = `[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/usr/bin/node /tests/inside.ts
StandardOutput=file:/results/driver.log
StandardError=inherit
`

/** What the test changes in the unit: less patience. */
const impatient = `[Service]
WatchdogSec=2
RestartSec=100ms
Environment=KAMISAMA_TIMEOUT=3s WEB_CONCURRENCY=2 KAMISAMA_LOG=info
[Unit]
StartLimitIntervalSec=0
`

function write(path: string, text: string): void {
  mkdirSync(join(system, path, ".."), { recursive: true })
  writeFileSync(join(system, path), text)
}

beforeAll(async () => {
  if (missing.length > 0) return
  install()
  results = mkdtempSync(join(tmpdir(), "kamisama-systemd-"))
  for (const unit of ["shop.service", "shop.socket"]) {
    write(`etc/systemd/system/${unit}`, readFileSync(join(root, "deploy/systemd", unit), "utf8"))
  }
  write("etc/systemd/system/shop.service.d/test.conf", impatient)
  write("etc/systemd/system/scenarios.service", driver)
  const wants = join(system, "etc/systemd/system/default.target.wants/scenarios.service")
  mkdirSync(join(wants, ".."), { recursive: true })
  rmSync(wants, { force: true })
  spawnSync("ln", ["-s", "/etc/systemd/system/scenarios.service", wants])
  mkdirSync(join(system, "srv/shop"), { recursive: true })
  const binds = [
    `--bind-ro=${process.execPath}:/usr/bin/node`,
    `--bind-ro=${join(root, "test/systemd")}:/tests`,
    `--bind-ro=${join(root, "dist")}:/srv/shop/node_modules/kamisama/dist`,
    `--bind-ro=${join(root, "package.json")}:/srv/shop/node_modules/kamisama/package.json`,
    `--bind=${results}:/results`,
  ]
  const options = ["-q", "-D", system, "--boot", "--register=no", "--keep-unit", "--console=pipe"]
  // It ends by itself, whatever becomes of this process.
  const container = spawn("timeout", ["-k", "10", "400", "systemd-nspawn", ...options, ...binds], {
    env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [container.stdout, container.stderr]) {
    stream.on("data", (part: Buffer) => (output = `${output}${part.toString()}`.slice(-20_000)))
  }
  await once(container, "exit")
  const file = join(results, "facts.json")
  if (!existsSync(file)) throw new Error(`the container has left no facts:\n${output}`)
  facts = JSON.parse(readFileSync(file, "utf8")) as typeof facts
})

afterAll(() => {
  if (results !== "") rmSync(results, { recursive: true })
})

/** What must be so, by its name in inside.ts. */
const expected: { readonly [name: string]: unknown } = {
  version: expect.stringMatching(/^systemd 25[3-9]/),
  "socket starts": 0,
  "start returns when it is ready": 0,
  "status text": "running: 2 of 2 ready",
  "user is no root": true,
  "warnings of the unit": "",
  reload: 0,
  "reload under load": { lost: [], isMuch: true },
  "reload keeps the primary": true,
  "a broken version fails the reload": 1,
  "and the old one serves on": true,
  "and says why": true,
  "restarts under load, round-robin": { failed: [], lost: [], isMuch: true },
  "restarts under load, os": { failed: [], lost: [], isMuch: true },
  "levels in the journal": expect.stringMatching(
    /^4 \[kamisama\] warn: worker [12] \(pid \d+\) exited with code 3$/,
  ),
  "the watchdog restarts a primary that hangs": true,
  "by its rule": true,
  "a killed primary is started again": true,
  "each worker of a killed primary shut down once": true,
  "and none of them is left": true,
  "restarts by hand that are refused": [10],
  "and what is left then": "failed",
  "reset-failed counts from 0": 0,
  stop: 0,
  "a worker that hangs holds up a stop for the timeout": true,
  "and its client is told": "lost: ECONNRESET",
  "and the result says so": "exit-code",
  "and nothing is left": [],
}

test.skipIf(missing.length > 0)("nothing has failed on the way", () => {
  const failures = Object.entries(facts).filter(([name]) => /^(error|never)/.test(name))
  expect(failures, JSON.stringify(facts["journal"], null, 2)).toEqual([])
})

test.skipIf(missing.length > 0).for(Object.entries(expected))("systemd: %s", ([name, value]) => {
  expect(facts[name]).toEqual(value)
})
