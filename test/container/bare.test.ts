/** A pool where much of what a system usually has is missing. */
import { expect } from "vitest"
import { freePort } from "../real/harness/ports.ts"
import { type Container, test } from "./container.ts"
import { bare } from "./image.ts"

/** Without --read-only-tmpfs=false, podman itself adds a /tmp that can be written to. */
const nothingToWriteTo = ["--read-only", "--read-only-tmpfs=false"]

/** The lines of the log that are by the pool. */
function pools(container: Container): readonly string[] {
  const lines = container.log().split("\n")
  return lines.filter((line) => line.startsWith("[kamisama]"))
}

test("a read-only root with a tmpfs at /tmp: the control socket is there", async ({ start }) => {
  const container = await start(bare, [...nothingToWriteTo, "--tmpfs=/tmp"])
  await container.answeringPids(2)
  expect(await container.kamisama("health")).toEqual({ code: 0, out: "2 of 2 workers ready" })
  expect(await container.stop()).toBe(0)
  expect(pools(container)).toEqual([])
})

test("--user with a uid that has no name", async ({ start }) => {
  const container = await start(bare, ["--user=12345", "--read-only", "--tmpfs=/tmp"])
  await container.answeringPids(2)
  expect(JSON.parse(await container.ask())).toMatchObject({ uid: 12_345 })
  expect(await container.kamisama("health")).toEqual({ code: 0, out: "2 of 2 workers ready" })
  expect(await container.stop()).toBe(0)
  expect(pools(container)).toEqual([])
})

const places: readonly (readonly [string, readonly string[]])[] = [
  ["no /tmp in the image, root", []],
  ["no /tmp in the image, another user", ["--user=1000"]],
  ["no /tmp in the image, a user without a name", ["--user=12345"]],
  ["a read-only root without any /tmp", nothingToWriteTo],
]

test.for(places)(
  "%s: it serves, says what is missing, and answers a probe at its port",
  async ([, options], { start }) => {
    const health = await freePort()
    const container = await start(bare, [`--env=KAMISAMA_HEALTH=${health}`, ...options])
    await container.answeringPids(2)
    expect(await container.kamisama("health")).toEqual({
      code: 3,
      out: "kamisama: no pool runs, or none with a control socket",
    })
    expect(await container.kamisama("health", `--port=${health}`)).toEqual({
      code: 0,
      out: "2 of 2 workers ready",
    })
    expect(await container.stop()).toBe(0)
    expect(pools(container)).toEqual([
      expect.stringMatching(
        /^\[kamisama\] warn: there is no control socket.*Mount a tmpfs at \/tmp/,
      ),
    ])
  },
)

test("without /proc it serves, replaces a worker that is killed, and stops", async ({ start }) => {
  // An empty file system in its place.
  const container = await start(bare, ["--tmpfs=/proc", "--security-opt=unmask=ALL"])
  const [killed = 0] = await container.answeringPids(2)
  expect(JSON.parse(await container.ask())).toMatchObject({ processesListed: 0 })
  process.kill(container.process(killed).pid, "SIGKILL")
  await container.logged(/was ended by SIGKILL, not by kamisama/)
  expect(await container.answeringPids(2)).not.toContain(killed)
  expect(await container.stop()).toBe(0)
})
