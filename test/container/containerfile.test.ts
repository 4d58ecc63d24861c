/**
 * The Containerfiles that `kamisama init docker` and `distroless` print: see by-init.ts for what is different here.
 */
import { expect, vi } from "vitest"
import { podman } from "./engine.ts"
import { soon, test, theEngine } from "./container.ts"
import { imageByInit } from "./by-init.ts"
import { cli } from "./image.ts"

test.for([
  ["docker", 1_000],
  ["distroless", 65_532],
] as const)(
  "an image by the Containerfile of kamisama init %s serves, is healthy, and stops as it says",
  async ([kind, uid], { start }) => {
    const engine = theEngine()
    const { image, options } = await imageByInit(engine, kind, `by-init-${kind}`)
    expect(options).toContain("--read-only")
    const container = await start(image, options)
    await container.answeringPids(2)
    expect(JSON.parse(await container.ask())).toMatchObject({ uid })
    // Docker and podman run it by themselves, if podman has the timers of systemd. On a busy machine, one may come too late.
    await vi.waitFor(async () => {
      const checked = await container.podman("healthcheck", "run", container.id)
      expect(checked).toMatchObject({ code: 0 })
    }, soon)
    const configured = "--format={{json .Config.Healthcheck.Test}} {{.Config.StopTimeout}}"
    expect(await podman(engine, "inspect", container.id, configured)).toEqual({
      code: 0,
      out: '["CMD","node","node_modules/kamisama/dist/cli.js","health"] 10',
    })
    const { whole } = await container.begin("/slow")
    await container.podman("stop", container.id)
    expect(await whole).toBe("begun, finished")
    expect(await container.exitCode()).toBe(0)
    // As Nomad starts it.
    const other = await start(image, ["--entrypoint=node", ...options], [cli, "shop.js"])
    expect(await other.kamisama("health")).toMatchObject({ code: 0 })
    expect(await other.stop()).toBe(0)
  },
)
