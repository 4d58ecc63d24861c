/**
 * The manifest that `kamisama init kubernetes` prints, as a Pod of podman. This is different, for podman 4.3 and a busy machine:
 *
 * - There is only the Deployment, with one Pod: podman knows no other kind of what is there.
 * - There are no ports: podman would forward them, and there is no network here.
 * - A probe has more time.
 *
 * Of the probes, which are commands here, podman has one as its health check, and runs it by sh. Kubernetes does not. So the image
 * has sh. Podman stops a Pod gracefully by `pod stop`: its `kube down` kills at once.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, vi } from "vitest"
import { stateOf } from "../real/harness/processes.ts"
import { podman } from "./engine.ts"
import { type Container, containerNamed, soon, test, theEngine } from "./container.ts"
import { imageByInit } from "./by-init.ts"
import { printed, withShell } from "./image.ts"

const pod = "shop-pod-0"
const shop = `${pod}-shop`

const manifest = (image: string): string => {
  const all = printed("init", "kubernetes", "--timeout=5s", "shop.js")
  const [deployment = ""] = all.split("---\n")
  return deployment
    .replaceAll("timeoutSeconds: 3", "timeoutSeconds: 60")
    .replace("image: shop:latest", `image: ${image}`)
    .replace(/^ +ports:\n(?: +(?:#.+|- \{.+\})\n)+/m, "")
}

/** Starts the Pod, and waits until each of its probes succeeds. It is removed after the test. */
async function play(text: string): Promise<Container> {
  const engine = theEngine()
  const file = join(engine.folder, "pod.yaml")
  writeFileSync(file, text)
  onTestFinished(async () => void (await podman(engine, "pod", "rm", "--force", "--all")))
  const { code, out } = await podman(engine, "kube", "play", "--network=none", file)
  expect(code, out).toBe(0)
  const container = await containerNamed(shop)
  const probes = [...text.matchAll(/exec: \{ command: (\[.+?\]) \}/g)]
  expect(probes).toHaveLength(3)
  for (const [, command = ""] of probes) {
    await vi.waitFor(async () => {
      const probed = await podman(engine, "exec", shop, ...(JSON.parse(command) as string[]))
      expect(probed).toMatchObject({ code: 0 })
    }, soon)
  }
  return container
}

test("a Pod of kamisama init kubernetes gets healthy, and its pause container reaps", async () => {
  const container = await play(manifest(withShell))
  // Podman would do that by a timer of systemd, which may not be there.
  expect(await container.podman("healthcheck", "run", shop)).toMatchObject({ code: 0 })
  const status = await container.podman("inspect", shop, "--format={{.State.Health.Status}}")
  expect(status.out).toBe("healthy")
  const asking = `fetch("http://127.0.0.1:3000/child").then((answer) => answer.text()).then(console.log)`
  const child = await container.podman("exec", shop, "node", "-e", asking)
  const { pid } = container.process(Number(child.out))
  process.kill(stateOf(pid)?.parent ?? 0, "SIGKILL")
  await vi.waitFor(() => expect(stateOf(pid)).toBeUndefined(), soon)
  const pids = container.processes().map((one) => one.pid)
  const file = join(theEngine().folder, "pod.yaml")
  expect(await podman(theEngine(), "kube", "down", file)).toMatchObject({ code: 0 })
  for (const one of pids) {
    await vi.waitFor(() => expect(stateOf(one)).toBeUndefined(), soon)
  }
})

test("a Pod of a distroless image, whose process namespace is not shared, stops gracefully, with the code 0", async () => {
  // A stop of a shared one ends its first process at once, and the kernel all others. Kubernetes ends that one last.
  const { image } = await imageByInit(theEngine(), "distroless", "distroless-pod")
  const container = await play(manifest(image).replace(/^.+shareProcessNamespace: true\n/m, ""))
  const titles = container.processes().map(({ command }) => command)
  const workers = titles.filter((title) => title.includes("[worker"))
  expect(container.process(1).command).toContain("[primary]")
  expect(await podman(theEngine(), "pod", "stop", "--time=30", pod)).toMatchObject({ code: 0 })
  const state = await container.podman("inspect", shop, "--format={{.State.ExitCode}}")
  expect(state.out).toBe("0")
  const { out } = await container.podman("logs", shop)
  expect(out.match(/^shutdown of \d+$/gm)).toHaveLength(workers.length)
})
