# nomad job run shop.nomad.hcl
job "shop" {
  group "shop" {
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
      port "health" { to = 9091 }
    }

    service {
      name = "shop"
      port = "http"
      check {
        type     = "http"
        port     = "health"
        path     = "/readyz"
        interval = "5s"
        timeout  = "3s"
      }
    }

    task "shop" {
      driver = "docker"

      config {
        image           = "shop:latest"
        command         = "node"
        args            = ["node_modules/kamisama/dist/cli.js","--stop-delay=5s","--timeout=20s","--health=0.0.0.0:9091","--metrics=0.0.0.0:9090","shop.js"]
        ports           = ["http", "health"]
        # Reaps what workers leave behind.
        init            = true
        # It needs to write nothing but its control socket, in /tmp.
        readonly_rootfs = true
        mount {
          type   = "tmpfs"
          target = "/tmp"
        }
      }

      # stopDelay (5000 ms) + timeout (20000 ms) + the 5 s that a kill may take.
      # A client of Nomad allows 30 s at most, unless its max_kill_timeout is larger.
      kill_timeout = "30s"
      kill_signal  = "SIGTERM"

      env {
        # The same figure, for the pool: it warns if it no longer fits.
        KAMISAMA_GRACE_SECONDS = "30"
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
