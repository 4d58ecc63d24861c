/** What `kamisama init` prints, and the examples in deploy/. */
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor"
import { Deployment } from "kubernetes-models/apps/v1/Deployment"
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler"
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget"
import { Service } from "kubernetes-models/v1/Service"
import { describe, expect, test } from "vitest"
import { parse, parseAllDocuments } from "yaml"
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

/** One that is alone on its machine: nobody has to look away before it stops. */
const alone = installation({}, "shop.js")

test.each([
  ["systemd", alone, "systemd/shop.service"],
  ["systemd-socket", alone, "systemd/shop.socket"],
  ["docker", shop, "docker/Dockerfile"],
  ["distroless", shop, "docker/distroless.Dockerfile"],
  ["compose", shop, "docker/compose.yaml"],
  ["kubernetes", shop, "kubernetes/shop.yaml"],
  ["nomad", shop, "nomad/shop.nomad.hcl"],
])("deploy/ has what init %s prints", async (kind, one, file) => {
  await expect(writerFor(kind)(one)).toMatchFileSnapshot(`../../deploy/${file}`)
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
    expect(writerFor("compose")(one)).toContain(`stop_grace_period: ${seconds}s\n`)
    expect(writerFor("nomad")(one)).toContain(`kill_timeout = "${seconds}s"\n`)
    for (const kind of ["systemd", "docker", "distroless", "compose", "kubernetes", "nomad"]) {
      const told = new RegExp(`KAMISAMA_GRACE_SECONDS\\W[^\\d]*${seconds}\\b`)
      expect(writerFor(kind)(one), kind).toMatch(told)
    }
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

/** What Kubernetes and the operator of Prometheus say that such an object is. */
const models: { readonly [kind: string]: new (data: never) => { validate(): void } } = {
  "apps/v1 Deployment": Deployment,
  "v1 Service": Service,
  "policy/v1 PodDisruptionBudget": PodDisruptionBudget,
  "autoscaling/v2 HorizontalPodAutoscaler": HorizontalPodAutoscaler,
  "monitoring.coreos.com/v1 PodMonitor": PodMonitor,
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly [field: string]: unknown
}

function manifestsOf(given: object): readonly Manifest[] {
  const documents = parseAllDocuments(writerFor("kubernetes")(installation(given)))
  return documents.map((document) => document.toJS() as Manifest)
}

function deploymentOf(given: object): Manifest {
  const found = manifestsOf(given).find(({ kind }) => kind === "Deployment")
  if (found === undefined) throw new Error("there is no Deployment")
  return found
}

function validate({ apiVersion, kind, ...fields }: Manifest): void {
  const Model = models[`${apiVersion} ${kind}`]
  if (Model === undefined) throw new Error(`no model of ${apiVersion} ${kind}`)
  new Model(fields as never).validate()
}

describe("manifests", () => {
  test.each([[{}], [options]])("are what their published schemas want: %j", (given) => {
    const all = manifestsOf(given)
    expect(all.length).toBe(given === options ? 5 : 4)
    for (const manifest of all) validate(manifest)
  })

  test("are held against schemas that refuse a wrong one", () => {
    const spec = { ...(deploymentOf(options)["spec"] as object), replicas: "three" }
    const wrong = { apiVersion: "apps/v1", kind: "Deployment", spec }
    expect(() => validate(wrong)).toThrow("replicas")
  })

  test("wait for each other: the pod has more time than the pool", () => {
    const { template } = deploymentOf(options)["spec"] as {
      readonly template: { readonly spec: PodSpec }
    }
    const { terminationGracePeriodSeconds, containers } = template.spec
    expect(1_000 * terminationGracePeriodSeconds).toBe(options.stopDelay + options.timeout + 5_000)
    const [{ readinessProbe, startupProbe }] = containers
    // What the pool refuses is known before its delay is over.
    const knownMs = 1_000 * readinessProbe.periodSeconds * readinessProbe.failureThreshold
    expect(knownMs).toBeLessThanOrEqual(options.stopDelay)
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(60)
  })

  interface Probe {
    readonly periodSeconds: number
    readonly failureThreshold: number
  }

  interface PodSpec {
    readonly terminationGracePeriodSeconds: number
    readonly containers: readonly [{ readonly readinessProbe: Probe; readonly startupProbe: Probe }]
  }
})

test("a file for Compose is YAML", () => {
  const file = parse(writerFor("compose")(shop)) as { readonly services: object }
  expect(Object.keys(file.services)).toEqual(["shop"])
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
    "init is for systemd, systemd-socket, docker, distroless, compose, kubernetes, nomad, got dockr. Did you mean docker?",
  )
  expect(() => writerFor(undefined)).toThrow("got nothing")
  expect(() => writerFor("constructor")).toThrow("got constructor")
  expect(initHelp()).toContain(
    "Usage: kamisama init systemd|systemd-socket|docker|distroless|compose|kubernetes|nomad",
  )
})
