/** What `kamisama init` prints, and the examples in deploy/. */
import { execFileSync } from "node:child_process"
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor"
import { Deployment } from "kubernetes-models/apps/v1/Deployment"
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler"
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget"
import { Service } from "kubernetes-models/v1/Service"
import { describe, expect, test } from "vitest"
import { parse, parseAllDocuments } from "yaml"
import { lint } from "../../src/core/lint/lint.ts"
import { planFrom } from "../../src/core/plan/plan.ts"
import { type Installation, installationOf } from "../../src/command/init/figures.ts"
import { pathInside } from "../../src/command/init/inside.ts"
import { initHelp, writerFor } from "../../src/command/init/init.ts"

function installation(
  options: object,
  script = "server.js",
  flags: readonly string[] = [],
): Installation {
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

describe("a pool that may take long to start", () => {
  test.each([
    [{}, 60, 30],
    [{ startTimeout: 5_000 }, 60, 30],
    [{ startTimeout: 120_000 }, 120, 60],
    [{ startTimeout: 61_500 }, 62, 31],
  ])("%j: it has %i s before its probes count", (given, seconds, times) => {
    const one = installation({ ...given, health: { port: 9091, host: "0.0.0.0" } })
    expect(writerFor("kubernetes")(one)).toContain(
      `path: /startupz, port: 9091 }, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: ${times} }`,
    )
    expect(writerFor("docker")(one)).toContain(` --start-period=${seconds}s `)
  })
})

test("only where the options do not say how many workers there are, the processors do", () => {
  const follows = "The number of workers follows the limit of the processor."
  for (const kind of ["compose", "kubernetes"]) {
    expect(writerFor(kind)(installation({})), kind).toContain(follows)
    const fixed = writerFor(kind)(installation({ workers: 3 }))
    expect(fixed, kind).toContain("One processor for each worker.")
    expect(fixed, kind).not.toContain(follows)
  }
})

describe("what is not in the folder of the program cannot be in its image", () => {
  const folder = "/srv/app"

  test("a path is as it is in the image", () => {
    expect(pathInside(folder, "/srv/app/server.js", "the script")).toBe("server.js")
    expect(pathInside(folder, "/srv/app/src/server.js", "the script")).toBe("src/server.js")
  })

  test.each(["/srv/kamisama.config.mjs", "/etc/app.js", "/srv/apple/app.js"])("%s", (path) => {
    expect(() => pathInside(folder, path, "the configuration")).toThrow(
      `init: the configuration must be in the folder of the program, which is all that gets there, got ${path}. Call it in the folder that has both.`,
    )
  })
})

test.each([
  ["src/My Server.mjs", "my-server"],
  ["日本.js", "pool"],
  ["../../etc/passwd", "passwd"],
  ["-.js", "pool"],
  ["404.js", "pool-404"],
  ["true.js", "pool-true"],
  ["No.js", "pool-no"],
  [`${"a".repeat(49)} b.js`, "a".repeat(49)],
])("a script %s is called %s", (script, name) => {
  expect(installation({}, script).name).toBe(name)
})

test("its title is its name", () => {
  expect(installation({ title: "Shop 2" }).name).toBe("shop-2")
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

  test("leave the number of pods to the autoscaler", () => {
    expect(deploymentOf(options)["spec"]).not.toHaveProperty("replicas")
    const kinds = manifestsOf(options).map(({ kind }) => kind)
    expect(kinds).toContain("HorizontalPodAutoscaler")
  })

  test("give the pod more time than the pool takes, and 60 s to start", () => {
    const { terminationGracePeriodSeconds, containers } = podOf(options)
    expect(1_000 * terminationGracePeriodSeconds).toBe(options.stopDelay + options.timeout + 5_000)
    const [{ startupProbe }] = containers
    const { periodSeconds = 0, failureThreshold = 0 } = startupProbe ?? {}
    expect(periodSeconds * failureThreshold).toBe(60)
  })

  test("stop sending clients to a pool that cannot serve before they restart it", () => {
    const [{ readinessProbe, livenessProbe }] = podOf(options).containers
    expect(noticedMs(readinessProbe)).toBeLessThan(noticedMs(livenessProbe))
  })
})

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: number }
  readonly exec?: { readonly command: readonly string[] }
  readonly periodSeconds: number
  readonly failureThreshold: number
}

interface ContainerOfPod {
  readonly command: readonly string[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly [ContainerOfPod]
}

function podOf(given: object): PodSpec {
  const spec = deploymentOf(given)["spec"]
  return (spec as { readonly template: { readonly spec: PodSpec } }).template.spec
}

/** How long it takes at most until failures count. */
function noticedMs(probe: Probe | undefined): number {
  return 1_000 * (probe?.periodSeconds ?? NaN) * (probe?.failureThreshold ?? NaN)
}

const command = "node_modules/kamisama/dist/cli.js"

describe("the pool is asked where it answers", () => {
  const socket = "/run/shop/control.sock"
  test.each([
    ["by default, at the control socket", {}, ["health"]],
    ["at a port of loopback", { health: { port: 9_091 } }, ["health", "--port", "9091"]],
    [
      "at a port of every address",
      { health: { port: 9_091, host: "::" } },
      ["health", "--port", "9091"],
    ],
    [
      "at the port, without a socket",
      { health: { port: 9_091 }, control: false },
      ["health", "--port", "9091"],
    ],
    ["at the socket that was given", { control: socket }, ["health", socket]],
    [
      "at the socket, if the port is not one of 127.0.0.1",
      { health: { port: 9_091, host: "::1" } },
      ["health"],
    ],
    ["at the socket, if nobody can know the port", { health: { port: 0 } }, ["health"]],
    ["nowhere, without both", { control: false }, undefined],
  ])("by the command, %s", (_, given, words) => {
    const probed = words === undefined ? undefined : ["node", command, ...words]
    for (const kind of ["docker", "distroless"]) {
      const [, asked] =
        /^HEALTHCHECK .* CMD (.*)$/m.exec(writerFor(kind)(installation(given))) ?? []
      expect(asked, kind).toEqual(probed === undefined ? undefined : JSON.stringify(probed))
    }
    const isOpen = (given as { health?: { host?: string } }).health?.host === "::"
    const [{ readinessProbe, livenessProbe, startupProbe }] = podOf(given).containers
    expect(readinessProbe?.exec?.command).toEqual(isOpen ? undefined : probed)
    expect(livenessProbe?.exec?.command).toEqual(isOpen ? undefined : probed?.concat("--live"))
    expect(startupProbe?.exec?.command).toEqual(isOpen ? undefined : probed?.concat("--started"))
  })

  test.each([undefined, "127.0.0.1", "127.0.0.2", "localhost", "::1"])(
    "not by HTTP from outside, if it listens on loopback: host %s",
    (host) => {
      const given = { health: { port: 9_091, host }, metrics: { port: 9_090, host } }
      const one = installation(given)
      const [{ readinessProbe, ports }] = podOf(given).containers
      expect(readinessProbe).toHaveProperty("exec")
      expect(ports.map(({ name }) => name)).toEqual(["http"])
      expect(manifestsOf(given).map(({ kind }) => kind)).not.toContain("PodMonitor")
      expect(writerFor("kubernetes")(one)).toContain("With --health 0.0.0.0:9091, Kubernetes")
      expect(writerFor("kubernetes")(one)).toContain("With --metrics 0.0.0.0:9090, there")
      const job = writerFor("nomad")(one)
      expect(job).toContain(`type     = "tcp"`)
      expect(job).toContain(`ports           = ["http"]`)
      expect(job).toContain("With --health 0.0.0.0:9091, it asks the pool.")
      expect(job).toContain("With --metrics 0.0.0.0:9090, there")
    },
  )

  test("by HTTP from outside, if it listens on every address", () => {
    const [{ readinessProbe, ports }] = podOf(options).containers
    expect(readinessProbe?.httpGet).toEqual({ path: "/readyz", port: 9_091 })
    expect(ports).toContainEqual({ name: "metrics", containerPort: 9_090 })
    const job = writerFor("nomad")(shop)
    expect(job).toContain(`path     = "/readyz"`)
    expect(job).toContain(`port "metrics" { to = 9090 }`)
    expect(job).toContain(`ports           = ["http","health","metrics"]`)
  })

  test("at one port of a job of Nomad, if metrics and health share it", () => {
    const address = { port: 9_090, host: "0.0.0.0" }
    const job = writerFor("nomad")(installation({ health: address, metrics: address }))
    expect(job.match(/to = 9090/g)).toHaveLength(1)
    expect(job).toMatch(/name {5}= "server-metrics"\n {6}port {5}= "health"/)
  })

  test("by a reload of systemd, too", () => {
    const unit = (given: object): string => writerFor("systemd")(installation(given))
    expect(unit({})).toContain(
      `ExecReload=/usr/bin/node ${command} reload /run/server/control.sock`,
    )
    const there = unit({ control: "/srv/x/c.sock" })
    expect(there).toContain("Environment=KAMISAMA_CONTROL=/srv/x/c.sock\n")
    expect(there).toContain(`ExecReload=/usr/bin/node ${command} reload /srv/x/c.sock`)
    expect(there).toContain("ReadWritePaths=")
    expect(unit({ control: true })).toContain(`ExecReload=/usr/bin/node ${command} reload\n`)
    expect(unit({ control: true })).not.toContain("KAMISAMA_CONTROL")
    expect(unit({ control: false })).not.toMatch(/^(ExecReload|.*KAMISAMA_CONTROL)/m)
  })
})

describe("a folder for the control socket is writable", () => {
  test.each([
    [true, ["/tmp"]],
    ["/tmp/a/c.sock", ["/tmp"]],
    ["/run/shop/c.sock", ["/tmp", "/run/shop"]],
    ["./c.sock", ["/tmp"]],
  ])("control %s: %j", (control, folders) => {
    const one = installation({ control })
    const docker = [...writerFor("docker")(one).matchAll(/--tmpfs (\/\S+)/g)]
    expect(docker.map(([, folder]) => folder)).toEqual(folders)
    const nomad = [...writerFor("nomad")(one).matchAll(/target = "(.*)"/g)]
    expect(nomad.map(([, folder]) => folder)).toEqual(folders)
    const kubernetes = [...writerFor("kubernetes")(one).matchAll(/mountPath: "(.*)"/g)]
    expect(kubernetes.map(([, folder]) => folder)).toEqual(folders)
    const [, compose = ""] = /tmpfs: (.*)/.exec(writerFor("compose")(one)) ?? []
    expect((parse(compose) as string[]).map((mount) => mount.split(":")[0])).toEqual(folders)
  })
})

describe("memory", () => {
  /** What Node makes of the flags of a container. */
  function heapOf(one: Installation): number {
    const env = { ...process.env, NODE_OPTIONS: one.room.nodeOptions }
    const code = `require("node:v8").getHeapStatistics().heap_size_limit`
    return Number(execFileSync(process.execPath, ["-p", code], { env, encoding: "utf8" }))
  }

  test.each([undefined, 1, 2, 5, 64])(
    "is enough for the heaps of %s workers, as the option checks see it",
    (workers) => {
      const one = installation({ workers })
      const heap = heapOf(one)
      expect(heap).toBe(one.room.heap * 2 ** 20)
      const environment = { cores: one.room.workers, memory: one.room.memory * 2 ** 20, heap }
      const rules = lint({ workers }, environment).map(({ rule }) => rule)
      expect(rules).not.toContain("memory-beyond-limit")
      const less = { ...environment, memory: heap * one.room.workers - 1 }
      expect(lint({ workers }, less).map(({ rule }) => rule)).toContain("memory-beyond-limit")
    },
  )

  test("is the same in every file", () => {
    const one = installation({ workers: 4 })
    const { nodeOptions } = one.room
    const [{ env }] = podOf({ workers: 4 }).containers
    expect(env).toContainEqual({ name: "NODE_OPTIONS", value: nodeOptions })
    expect(writerFor("kubernetes")(one)).toContain(`limits: { cpu: "4", memory: 2048Mi }`)
    const { services } = parse(writerFor("compose")(one)) as Compose
    expect(services["server"]).toMatchObject({
      cpus: 4,
      mem_limit: "2048m",
      environment: { NODE_OPTIONS: nodeOptions },
    })
    const job = writerFor("nomad")(one)
    expect(job).toContain("cores  = 4\n")
    expect(job).toContain("memory = 2048\n")
    expect(job).toContain(`NODE_OPTIONS = "${nodeOptions}"`)
  })
})

interface Compose {
  readonly services: { readonly [name: string]: unknown }
}

test("a file for Compose is YAML", () => {
  const file = parse(writerFor("compose")(shop)) as Compose
  expect(Object.keys(file.services)).toEqual(["shop"])
})

describe("words mean what they say", () => {
  const words = ["a b", "100%", "$HOME", "${HOME}", "%{x}", "$(HOME)", `"`, "c"]
  const one = installation({}, "shop.js", words)

  test("in a unit", () => {
    expect(writerFor("systemd")(one)).toContain(
      `ExecStart=/usr/bin/node ${command} "a b" 100%% $$HOME "$\${HOME}" "%%{x}" "$$(HOME)" "\\"" c shop.js\n`,
    )
    const unit = writerFor("systemd")(installation({ control: "/run/a b/$x%.sock" }))
    expect(unit).toContain(`Environment="KAMISAMA_CONTROL=/run/a b/$x%%.sock"\n`)
  })

  test("in a job", () => {
    const safe = ["a b", "100%", "$HOME", "$" + "${HOME}", "%%{x}", "$(HOME)", `"`, "c"]
    expect(writerFor("nomad")(one)).toContain(JSON.stringify([command, ...safe, "shop.js"]))
  })

  test("in manifests", () => {
    const [, given = ""] = /^ +command: (.*)$/m.exec(writerFor("kubernetes")(one)) ?? []
    const safe = words.map((word) => (word === "$(HOME)" ? "$$(HOME)" : word))
    expect(parse(given)).toEqual(["node", command, ...safe, "shop.js"])
  })
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
