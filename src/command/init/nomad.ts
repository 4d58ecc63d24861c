/**
 * A job for Nomad, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import { cli, graceText, type Installation } from "./figures.ts"

export function nomadJob(installation: Installation): string {
  const { name, words, graceSeconds, healthPort } = installation
  return `# nomad job run ${name}.nomad.hcl
job "${name}" {
  group "${name}" {
    count = 3

    # A new one is healthy before an old one goes.
    update {
      max_parallel     = 1
      canary           = 1
      auto_promote     = true
      auto_revert      = true
      health_check     = "checks"
      min_healthy_time = "5s"
    }

    network {
      port "http" { to = 3000 }
${healthPort === undefined ? "" : `      port "health" { to = ${healthPort} }\n`}    }

    service {
      name = "${name}"
      port = "http"
${check(installation)}    }

    task "${name}" {
      driver = "docker"

      config {
        image           = "${name}:latest"
        command         = "node"
        args            = ${JSON.stringify([cli, ...words])}
        ports           = [${healthPort === undefined ? `"http"` : `"http", "health"`}]
        # Reaps what workers leave behind.
        init            = true
        # It needs to write nothing but its control socket, in /tmp.
        readonly_rootfs = true
        mount {
          type   = "tmpfs"
          target = "/tmp"
        }
      }

      # ${graceText(installation)}
      # A client of Nomad allows 30 s at most, unless its max_kill_timeout is larger.
      kill_timeout = "${graceSeconds}s"
      kill_signal  = "SIGTERM"

      env {
        # The same figure, for the pool: it warns if it no longer fits.
        ${graceVariable} = "${graceSeconds}"
      }

      resources {
        # Cores of its own, and a worker for each. The shares that cpu would give are no limit.
        cores  = 2
        # All workers share it.
        memory = 1024
      }

      # A pool that gives up is started again, five times within five minutes at most.
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

/** By HTTP where the pool has a port for it; otherwise whether somebody listens. */
function check({ healthPort }: Installation): string {
  const what =
    healthPort === undefined
      ? [`type     = "tcp"`]
      : [`type     = "http"`, `port     = "health"`, `path     = "/readyz"`]
  const lines = [...what, `interval = "5s"`, `timeout  = "3s"`]
  return `      check {\n${lines.map((line) => `        ${line}\n`).join("")}      }\n`
}
