/** A pool as pid 1 of a container: how it serves, how it is stopped, and what becomes of it when somebody is killed. */
import { expect, vi } from "vitest"
import { stateOf } from "../real/harness/processes.ts"
import { type Container, soon, test } from "./container.ts"
import { bare, cli, withShell } from "./image.ts"

/** The process ids of workers that say in a log that they shut down. */
function shutdownsIn(log: string): readonly number[] {
  return [...log.matchAll(/^shutdown of (\d+)$/gm)].map(([, pid]) => Number(pid))
}

/** Waits until a process has ended. */
async function ended(pid: number): Promise<void> {
  await vi.waitFor(() => expect(stateOf(pid)).toBeUndefined(), soon)
}

function reapersIn(container: Container): readonly string[] {
  return container
    .processes()
    .map(({ command }) => command)
    .filter((command) => command.includes("[reaper]"))
}

function killPrimary(container: Container): void {
  const primary = container.processes().find(({ command }) => command.includes("[primary]"))
  if (primary === undefined) throw new Error("there is no primary")
  process.kill(primary.pid, "SIGKILL")
}

test("podman stop: a request that is under way is answered, each worker shuts down once, and the code is 0", async ({
  start,
}) => {
  const container = await start(bare)
  const workers = await container.answeringPids(2)
  expect(container.process(1).command).toContain("kamisama: shop.js [primary]")
  const { whole } = await container.begin("/slow")
  expect(await container.stop()).toBe(0)
  expect(await whole).toBe("begun, finished")
  expect([...shutdownsIn(container.log())].sort()).toEqual([...workers].sort())
})

test("a worker that is killed is replaced, and the other one answers meanwhile", async ({
  start,
}) => {
  const container = await start(bare)
  const [killed = 0, other = 0] = await container.answeringPids(2)
  const { whole } = await container.begin("/slow")
  const slow = container.process(killed).pid
  process.kill(slow, "SIGKILL")
  await ended(slow)
  for (let count = 0; count < 10; count += 1) expect(await container.ask()).toContain(`"pid":`)
  const now = await container.answeringPids(2)
  expect(now).toContain(other)
  expect(now).not.toContain(killed)
  await container.logged(new RegExp(`\\(pid ${killed}\\) was ended by SIGKILL, not by kamisama`))
  expect(await container.stop()).toBe(0)
  expect(await whole).toMatch(/^begun, (finished|lost: aborted)$/)
})

test("pid 1 that is killed takes all others with it", async ({ start }) => {
  const container = await start(bare)
  await container.answeringPids(2)
  const pids = container.processes().map(({ pid }) => pid)
  expect(pids).toHaveLength(3)
  killPrimary(container)
  expect(await container.exitCode()).toBe(137)
  for (const pid of pids) await ended(pid)
})

test("--init: if the primary is killed, the init ends, and takes all others with it", async ({
  start,
}) => {
  const container = await start(withShell, ["--init"])
  await container.answeringPids(2)
  expect(reapersIn(container)).toHaveLength(1)
  const pids = container.processes().map(({ pid }) => pid)
  killPrimary(container)
  expect(await container.exitCode()).toBe(137)
  for (const pid of pids) await ended(pid)
})

const kept = ["node", "keeper.js", "node", cli, "--timeout=1s", "shop.js"]

test("a pid 1 that outlives the primary, and sh: the reaper ends a worker that hangs", async ({
  start,
}) => {
  const container = await start(withShell, [], kept)
  await container.answeringPids(2)
  expect(reapersIn(container)).toHaveLength(1)
  const hanging = container.ask("/hang").catch(() => "lost")
  await container.logged(/^\d+ hangs$/m)
  killPrimary(container)
  expect(await hanging).toBe("lost")
  await vi.waitFor(() => expect(container.processes()).toHaveLength(1), soon)
  expect(shutdownsIn(container.log())).toHaveLength(1)
  expect(await container.stop()).toBe(0)
})

test("a pid 1 that outlives the primary, and no sh: there is no reaper, and workers that can react shut down", async ({
  start,
}) => {
  const container = await start(bare, [], kept)
  const workers = await container.answeringPids(2)
  expect(reapersIn(container)).toEqual([])
  killPrimary(container)
  await container.logged(/^keeper: the pool ended by SIGKILL$/m)
  await vi.waitFor(() => expect(container.processes()).toHaveLength(1), soon)
  expect([...shutdownsIn(container.log())].sort()).toEqual([...workers].sort())
  expect(await container.stop()).toBe(0)
})

test.for([
  ["as pid 1", ["--tmpfs=/tmp"]],
  ["as what an init has started", ["--tmpfs=/tmp", "--init"]],
] as const)(
  "%s, a primary refuses an upgrade, with which its container would end",
  async ([, flags], { start }) => {
    const container = await start(bare, [...flags])
    await container.answeringPids(2)
    const { code, out } = await container.kamisama("upgrade")
    expect(code).toBe(1)
    expect(out).toContain("the container ends with it: start a new one instead")
    await container.answeringPids(2)
    expect(await container.stop()).toBe(0)
  },
)
