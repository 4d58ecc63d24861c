# nomad job run shop.nomad.hcl
job "shop" {
  group "shop" {
    count = 3

    # All new ones are healthy before an old one goes. That takes twice the room for a moment. With a smaller canary, the others are
    # replaced one by one, and each old one stops before its successor starts.
    update {
      max_parallel     = 1
      canary           = 3
      auto_promote     = true
      auto_revert      = true
      health_check     = "checks"
      min_healthy_time = "5s"
    }

    network {
      port "http" { to = 3000 }
      port "health" { to = 9091 }
      port "metrics" { to = 9090 }
    }

    # The services of Nomad 1.4 or newer. With Consul, leave the provider out.
    service {
      name     = "shop"
      port     = "http"
      provider = "nomad"
      check {
        type     = "http"
        port     = "health"
        path     = "/readyz"
        interval = "5s"
        timeout  = "3s"
      }
    }

    # For the service discovery of Prometheus.
    service {
      name     = "shop-metrics"
      port     = "metrics"
      provider = "nomad"
    }

    task "shop" {
      driver = "docker"

      config {
        # Write the tag of a build: latest is pulled at each start, so what it is may differ from machine to machine.
        image           = "shop:latest"
        # With node in the PATH of the image, as in those of kamisama init docker and distroless.
        entrypoint      = ["node"]
        args            = ["node_modules/kamisama/dist/cli.js","--stop-delay=5s","--timeout=20s","--health=0.0.0.0:9091","--metrics=0.0.0.0:9090","shop.js"]
        ports           = ["http","health","metrics"]
        # Reaps what workers leave behind.
        init            = true
        # For the control socket, and what workers keep of their compiled code. Nothing else is writable.
        readonly_rootfs = true
        mount {
          type   = "tmpfs"
          target = "/tmp"
          tmpfs_options {
            # 64 MiB
            size = 67108864
          }
        }
      }

      # stopDelay (5000 ms) + timeout (20000 ms) + the 5 s that a kill may take.
      # A client of Nomad allows 30 s at most, unless its max_kill_timeout is larger.
      kill_timeout = "30s"
      kill_signal  = "SIGTERM"

      env {
        # The grace period, for the pool: it warns if stopDelay and timeout take as long.
        KAMISAMA_GRACE_SECONDS = "30"
        # 1024 MiB, less 64 for /tmp and 64 beside the heap of each process: a worker has 384 for its heap, with three semi-spaces.
        NODE_OPTIONS = "--max-old-space-size=336 --max-semi-space-size=16"
      }

      resources {
        # Cores of its own, and a worker for each. The shares that cpu would give are no limit.
        cores  = 2
        # All workers share it.
        memory = 1024
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
