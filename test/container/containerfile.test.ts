/**
 * The Containerfile that `kamisama init docker` prints. Its base is the image of these tests, which has no npm: what npm installs is
 * copied with the program, and the step that runs it is left out. All else stands as it is printed.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, vi } from "vitest"
import { podman } from "./engine.ts"
import { soon, test, theEngine } from "./container.ts"
import { bare, copyApp, made, printed } from "./image.ts"

test("an image by the Containerfile of kamisama init docker serves, is healthy, and stops as it says", async ({
  start,
}) => {
  const engine = theEngine()
  const context = join(engine.folder, "by-init")
  mkdirSync(context)
  copyApp(engine, context)
  const text = printed("init", "docker", "--timeout=5s", "shop.js")
  expect(text.match(/^FROM node:24-slim/gm)).toHaveLength(2)
  const local = text
    .replaceAll("FROM node:24-slim", `FROM ${bare}`)
    .replace("RUN npm ci --omit=dev\n", "")
  writeFileSync(join(context, "Containerfile"), local)
  const image = "localhost/by-init:latest"
  await made(engine, image, context)
  // How it is to be run, without the parts that each machine has in its own way: the ports, and the name of the image.
  const [, words = ""] = /^# Run: +docker run (.+?) -p 3000:3000 shop$/m.exec(text) ?? []
  expect(words.split(" ")).toContain("--read-only")
  const container = await start(image, words.split(" "))
  await container.answeringPids(2)
  expect(JSON.parse(await container.ask())).toMatchObject({ uid: 1_000 })
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
})
