import { describe, expect, test } from "vitest"
import { reportOf } from "../../src/command/check.ts"
import { parseArguments } from "../../src/command/parse.ts"
import { settingsFrom, type LoadedConfig } from "../../src/command/settings.ts"
import { UsageError } from "../../src/command/usage-error.ts"

interface Given {
  readonly line?: string
  readonly environment?: { readonly [variable: string]: string }
  readonly config?: LoadedConfig["config"]
}

function settings({ line = "", environment = {}, config }: Given) {
  const { flags } = parseArguments(line.split(" ").filter(Boolean), () => false)
  const loaded = config && { path: "/app/kamisama.config.js", config }
  return settingsFrom(flags, environment, loaded, { cores: () => 6 })
}

describe("settingsFrom()", () => {
  test.each<[string, object]>([
    ["--workers 4", { workers: 4 }],
    ["--workers max", { workers: 6 }],
    ["--timeout 5s", { timeout: 5_000 }],
    ["--timeout 250", { timeout: 250 }],
    ["--start-timeout 1.5min", { startTimeout: 90_000 }],
    ["--start-timeout off", { startTimeout: false }],
    ["--no-heartbeat-timeout", { heartbeatTimeout: false }],
    ["--max-memory 500M --max-age 1d", { recycle: { maxMemory: 524_288_000, maxAge: 86_400_000 } }],
    ["--min-ready-time 2s", { reload: { minReadyTime: 2_000 } }],
    ["--backoff 100ms..30s", { backoff: { min: 100, max: 30_000 } }],
    ["--backoff 1s..", { backoff: { min: 1_000, max: undefined } }],
    ["--no-backoff", { backoff: false }],
    ["--respawn-limit unlimited", { respawnLimit: Infinity }],
    ["--no-wait-for-workers --stdin", { waitForWorkers: false, stdin: true }],
    ["--metrics 9090", { metrics: { port: 9090 } }],
    [
      "--metrics 0.0.0.0:9090 --health [::1]:80",
      {
        metrics: { host: "0.0.0.0", port: 9090 },
        health: { host: "::1", port: 80 },
      },
    ],
    ["--no-metrics --control off", { metrics: false, control: false }],
    ["--control /run/a.sock", { control: "/run/a.sock" }],
    ["--signal HUP=reload,SIGUSR2=off", { signals: { SIGHUP: "reload", SIGUSR2: false } }],
    ["--signal HUP=reload --signal SIGUSR2=off", { signals: { SIGHUP: "reload", SIGUSR2: false } }],
    ["--log info", { log: "info" }],
  ])("makes options of %s", (line, options) => {
    expect(settings({ line }).options).toEqual(options)
  })

  test("takes a flag before a variable before the configuration, and says where each is from", () => {
    const { options, origins } = settings({
      line: "--timeout 3s",
      environment: {
        KAMISAMA_TIMEOUT: "5s",
        KAMISAMA_WORKERS: "2",
        KAMISAMA_SIGNAL: "HUP=reload,USR2=off",
      },
      config: { timeout: 7_000, workers: 8, log: "info", script: "server.js" },
    })
    expect(options).toEqual({
      timeout: 3_000,
      workers: 2,
      log: "info",
      signals: { SIGHUP: "reload", SIGUSR2: false },
    })
    expect(Object.fromEntries(origins)).toEqual({
      timeout: "--timeout",
      workers: "KAMISAMA_WORKERS",
      signals: "KAMISAMA_SIGNAL",
      log: "/app/kamisama.config.js",
    })
  })

  test("adds a member to what the configuration says", () => {
    const config = { recycle: { maxAge: 86_400_000 } }
    expect(settings({ line: "--max-memory 1G", config }).options).toEqual({
      recycle: { maxAge: 86_400_000, maxMemory: 2 ** 30 },
    })
  })

  test.each<[Given, string]>([
    [{ line: "--timeout 5x" }, `--timeout must be a duration such as 500ms, 10s or 5min, got "5x"`],
    [
      { line: "--max-memory 5m2" },
      `--max-memory must be a size such as 512M or 2G, or off, got "5m2"`,
    ],
    [{ line: "--workers 0" }, `--workers must be a positive integer, got "0"`],
    [
      { line: "--respawn sometimes" },
      `--respawn must be "always", "on-failure" or "never", got "sometimes"`,
    ],
    [
      { line: "--signal HUP" },
      `--signal must be a signal and what it does, such as HUP=reload, got "HUP"`,
    ],
    [{ line: "--backoff 5s" }, `--backoff must be a range such as 100ms..30s, or off, got "5s"`],
    [
      { environment: { KAMISAMA_LOG: "loud" } },
      `KAMISAMA_LOG must be "silent", "warn", "info" or a function, got "loud"`,
    ],
    [
      { config: { timout: 5 } as never },
      `/app/kamisama.config.js: unknown key "timout". Did you mean "timeout"?`,
    ],
    [
      { config: { instances: 4 } as never },
      `/app/kamisama.config.js: unknown key "instances". Did you mean "workers"?`,
    ],
    [
      { config: { timeout: "5s" } as never },
      `/app/kamisama.config.js: "timeout" must be a whole number of milliseconds from 1 to 2147483647, got "5s". Write 5_000 for 5 s.`,
    ],
  ])("refuses %j", (given, message) => {
    expect(() => settings(given)).toThrow(new UsageError(message))
  })
})

test("reportOf() says what each option is, and where it is from", () => {
  const lines = reportOf(
    settings({ line: "--timeout 5s --max-memory 500M --respawn-limit unlimited" }),
    [],
    { defaults: { idle: "fail", timeout: 1_000 }, script: { path: "a.mjs", origin: "argument" } },
  )
  expect(lines[0]).toMatch(/^script +"a.mjs" +argument$/)
  expect(lines).toContainEqual(expect.stringMatching(/^timeout +5_000 +--timeout$/))
  expect(lines).toContainEqual(
    expect.stringMatching(/^recycle.maxMemory +524_288_000 +--max-memory$/),
  )
  expect(lines).toContainEqual(expect.stringMatching(/^respawn +"always" +default$/))
  expect(lines).toContainEqual(expect.stringMatching(/^signals +{"SIGINT":"stop",.*} +default$/))
  expect(lines).toContainEqual(expect.stringMatching(/^idle +"fail" +command$/))
  expect(lines).toContainEqual(expect.stringMatching(/^respawnLimit +Infinity +--respawn-limit$/))
})
