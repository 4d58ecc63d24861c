/**
 * A job for Nomad, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import {
  clientPort,
  cli,
  graceText,
  graceVariableText,
  type Installation,
  writableFolders,
  writableText,
} from "./figures.ts"
import { openHealthFlag } from "./endpoint.ts"
import { hclWords } from "./words.ts"

const count = 3

export function nomadJob(installation: Installation): string {
  const { name, words, graceSeconds, room } = installation
  const ports = portsOf(installation)
  return `# nomad job run ${name}.nomad.hcl
job "${name}" {
  group "${name}" {
    count = ${count}

    # All new ones are healthy before an old one goes. That takes twice the room for a moment. With a smaller canary, the others are
    # replaced one by one, and each old one stops before its successor starts.
    update {
      max_parallel     = 1
      canary           = ${count}
      auto_promote     = true
      auto_revert      = true
      health_check     = "checks"
      min_healthy_time = "5s"
    }

    network {
${ports.map(([label, to]) => `      port "${label}" { to = ${to} }\n`).join("")}    }

    # The services of Nomad 1.4 or newer. With Consul, leave the provider out.
    service {
      name     = "${name}"
      port     = "http"
      provider = "nomad"
${check(installation)}    }
${metricsService(installation)}
    task "${name}" {
      driver = "docker"

      config {
        # Write the tag of a build: latest is pulled at each start, so what it is may differ from machine to machine.
        image           = "${name}:latest"
        # With node in the PATH of the image, as in those of kamisama init docker and distroless.
        entrypoint      = ["node"]
        args            = ${hclWords([cli, ...words])}
        ports           = ${JSON.stringify(ports.map(([label]) => label))}
        # Reaps what workers leave behind.
        init            = true
        # ${writableText}
        readonly_rootfs = true
${writableFolders(installation)
  .map((folder) => mount(folder, room.tmp))
  .join("")}      }

      # ${graceText(installation)}
      # A client of Nomad allows 30 s at most, unless its max_kill_timeout is larger.
      kill_timeout = "${graceSeconds}s"
      kill_signal  = "SIGTERM"

      env {
        # ${graceVariableText}
        ${graceVariable} = "${graceSeconds}"
        # ${room.text}
        NODE_OPTIONS = "${room.nodeOptions}"
      }

      resources {
        # Cores of its own, and a worker for each. The shares that cpu would give are no limit.
        cores  = ${room.workers}
        # All workers share it.
        memory = ${room.memory}
      }

      # A pool that gives up is started again, five times within five minutes at most. Then Nomad starts it elsewhere.
      restart {
        attempts = 5
        interval = "5m"
        mode     = "fail"
      }
    }
  }
}
`
}

/** The ports that others reach, each with its label. One may be for both. */
function portsOf({ health, metrics }: Installation): readonly (readonly [string, number])[] {
  const ports: (readonly [string, number])[] = [["http", clientPort]]
  if (health?.isOpen === true) ports.push(["health", health.port])
  if (metrics?.isOpen === true && metrics.port !== health?.port) {
    ports.push(["metrics", metrics.port])
  }
  return ports
}

/** By HTTP where Nomad reaches a port for it; otherwise whether somebody listens. */
function check({ health }: Installation): string {
  const isOpen = health?.isOpen === true
  const lines = [
    ...(health === undefined || isOpen
      ? []
      : [`# Port ${health.port} is open on loopback alone, where Nomad does not reach it.`]),
    ...(isOpen
      ? []
      : [`# It asks whether something listens. With ${openHealthFlag(health)}, it asks the pool.`]),
    ...(isOpen
      ? [`type     = "http"`, `port     = "health"`, `path     = "/readyz"`]
      : [`type     = "tcp"`]),
    `interval = "5s"`,
    `timeout  = "3s"`,
  ]
  return `      check {\n${lines.map((line) => `        ${line}\n`).join("")}      }\n`
}

function metricsService({ name, health, metrics }: Installation): string {
  if (metrics === undefined) return ""
  if (!metrics.isOpen) {
    return `
    # Metrics are on loopback alone. With --metrics 0.0.0.0:${metrics.port}, there is a port for them, and a service.
`
  }
  return `
    # For the service discovery of Prometheus.
    service {
      name     = "${name}-metrics"
      port     = "${metrics.port === health?.port ? "health" : "metrics"}"
      provider = "nomad"
    }
`
}

function mount(folder: string, size: number): string {
  return `        mount {
          type   = "tmpfs"
          target = ${hclWords([folder]).slice(1, -1)}
          tmpfs_options {
            # ${size} MiB
            size = ${size * 1_048_576}
          }
        }
`
}
