/** What `kamisama init` prints, and the examples in deploy/. */
import { format } from "prettier"
import { describe, expect, test } from "vitest"
import { planFrom } from "../../src/core/plan/plan.ts"
import { type Installation, installationOf, quoted } from "../../src/command/init/figures.ts"
import { initHelp, writerFor } from "../../src/command/init/init.ts"

function installation(options: object, script = "server.js", flags: string[] = []): Installation {
  const plan = planFrom(options, { cores: () => 2, seed: 0 })
  return installationOf(plan, { ...options }, { flags, script, args: [] })
}

/** The pool of the examples: a load balancer in front, probes and metrics at ports. */
const options = {
  stopDelay: 5_000,
  timeout: 20_000,
  health: { port: 9091, host: "0.0.0.0" },
  metrics: { port: 9090, host: "0.0.0.0" },
}
const flags = [
  "--stop-delay=5s",
  "--timeout=20s",
  "--health=0.0.0.0:9091",
  "--metrics=0.0.0.0:9090",
]
const shop = installation(options, "shop.js", flags)

test.each([
  ["docker", "docker/Dockerfile"],
  ["kubernetes", "kubernetes/shop.yaml"],
])("deploy/ has what init %s prints", async (kind, file) => {
  await expect(writerFor(kind)(shop)).toMatchFileSnapshot(`../../deploy/${file}`)
})

describe("whoever stops the pool waits for stopDelay, timeout and a kill", () => {
  test.each([
    [{}, 15],
    [{ timeout: 20_000, stopDelay: 5_000 }, 30],
    [{ timeout: 500 }, 6],
  ])("%j: %i s", (given, seconds) => {
    const one = installation(given)
    expect(one.graceSeconds).toBe(seconds)
    expect(writerFor("systemd")(one)).toContain(`\nTimeoutStopSec=${seconds}\n`)
    expect(writerFor("docker")(one)).toContain(`--stop-timeout ${seconds} `)
    expect(writerFor("kubernetes")(one)).toContain(`terminationGracePeriodSeconds: ${seconds}\n`)
  })
})

test.each([
  ["src/My Server.mjs", "my-server"],
  ["日本.js", "pool"],
  ["../../etc/passwd", "passwd"],
  ["-.js", "pool"],
])("a script %s is called %s", (script, name) => {
  expect(installation({}, script).name).toBe(name)
})

test("its title is its name", () => {
  expect(installation({ title: "Shop 2" }).name).toBe("shop-2")
})

test("probes are asked by HTTP where there is a port, and otherwise by the command", () => {
  expect(writerFor("kubernetes")(shop)).toContain("httpGet: { path: /readyz, port: 9091 }")
  const other = writerFor("kubernetes")(installation({}))
  expect(other).toContain('"health","--live"]')
  expect(other).not.toContain("PodMonitor")
})

test.each([[{}], [options]])("manifests are YAML: %j", async (given) => {
  const text = writerFor("kubernetes")(installation(given))
  expect(await format(text, { parser: "yaml" })).toContain("kind: Deployment")
})

test("words with spaces stay words", () => {
  expect(quoted(["a b", "c"])).toBe('"a b" c')
  const unit = writerFor("systemd")(installation({}, "my server.js", ["--title", "a b"]))
  expect(unit).toContain(
    'ExecStart=/usr/bin/node node_modules/kamisama/dist/cli.js --title "a b" "my server.js"',
  )
})

test("another kind is refused", () => {
  expect(() => writerFor("dockr")).toThrow(
    "init is for systemd, docker, kubernetes, got dockr. Did you mean docker?",
  )
  expect(() => writerFor(undefined)).toThrow("got nothing")
  expect(() => writerFor("constructor")).toThrow("got constructor")
  expect(initHelp()).toContain("Usage: kamisama init systemd|docker|kubernetes")
})
