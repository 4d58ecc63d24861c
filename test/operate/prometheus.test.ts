/**
 * A real Prometheus, and its own check of metrics, with a pool. Where it is not installed, that is said and skipped.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach } from "vitest"
import { freePort } from "../real/harness/ports.ts"
import { expect, type Program, test } from "../real/harness/program.ts"

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url))
const isInstalled = ["prometheus", "promtool"].every(
  (name) => spawnSync(name, ["--version"]).status === 0,
)
if (!isInstalled) console.log("skipped: prometheus and promtool are not installed")

let folder = ""
let prometheus: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kamisama-prometheus-"))
})

afterEach(async () => {
  if (prometheus !== undefined) {
    const ended = once(prometheus, "exit")
    prometheus.kill("SIGKILL")
    await ended
    prometheus = undefined
  }
  rmSync(folder, { recursive: true })
})

async function answerOf(url: string, accept = "text/plain"): Promise<string> {
  return (await fetch(url, { headers: { accept } })).text()
}

/** The latest value of a query; undefined if Prometheus has none yet, or does not answer. */
async function valueOf(port: number, query: string): Promise<number | undefined> {
  try {
    const text = await answerOf(
      `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`,
    )
    const { data } = JSON.parse(text) as {
      readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] }
    }
    const value = data?.result[0]?.value[1]
    return value === undefined ? undefined : Number(value)
  } catch {
    return undefined
  }
}

/** Waits until a query has this value. */
async function untilValue(
  pool: Program,
  port: number,
  query: string,
  expected: number,
): Promise<void> {
  let latest: number | undefined
  let isAsking = false
  await pool.until(`${query} to be ${expected}`, () => {
    if (!isAsking) {
      isAsking = true
      void valueOf(port, query).then((value) => {
        latest = value
        isAsking = false
      })
    }
    return latest === expected
  })
}

test.runIf(isInstalled)(
  "Prometheus takes the metrics of a pool, and sees a crash and a reload",
  async ({ start }) => {
    const [serving, metrics, own] = [await freePort(), await freePort(), await freePort()]
    writeFileSync(
      join(folder, "server.cjs"),
      `require("node:http").createServer((request, response) => {
  if (request.url === "/die") process.exit(3)
  response.end("hello")
}).listen(${serving}, () => console.log("listening"))`,
    )
    const args = ["-w", "2", "--no-control", "--metrics", String(metrics), "server.cjs"]
    const pool = start(command, { args: ["--signal", "HUP=reload", ...args], cwd: folder })
    await pool.untilPrinted("listening", 2)
    const url = `http://127.0.0.1:${metrics}/metrics`
    for (const accept of ["text/plain", "application/openmetrics-text"]) {
      const text = await answerOf(url, accept)
      expect(text).toContain('kamisama_worker_up{worker="2"} 1')
      if (accept !== "text/plain") continue
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
        input: text,
      })
      expect([status, String(stdout), String(stderr)]).toEqual([0, "", ""])
    }
    writeFileSync(
      join(folder, "prometheus.yml"),
      `scrape_configs:
  - job_name: shop
    scrape_interval: 200ms
    scrape_timeout: 200ms
    static_configs: [{ targets: ["127.0.0.1:${metrics}"] }]
`,
    )
    prometheus = spawn(
      "prometheus",
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${own}`,
      ],
      { stdio: "ignore" },
    )
    await untilValue(pool, own, 'up{job="shop"}', 1)
    await untilValue(pool, own, 'kamisama_forks_total{cause="start"}', 2)
    await fetch(`http://127.0.0.1:${serving}/die`).catch(() => undefined)
    await untilValue(pool, own, 'kamisama_worker_exits_total{cause="crash"}', 1)
    await untilValue(pool, own, 'kamisama_forks_total{cause="respawn"}', 1)
    await untilValue(pool, own, 'kamisama_workers{state="ready"}', 2)
    pool.signal("SIGHUP")
    await untilValue(pool, own, 'kamisama_reloads_total{cause="finished"}', 1)
    await untilValue(pool, own, "sum(kamisama_worker_connections) >= bool 0", 1)
    pool.signal("SIGTERM")
    expect((await pool.untilExit()).code).toBe(0)
  },
)
