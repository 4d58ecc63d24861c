/** What becomes of the processes that workers have started, in a container whose pid 1 is the pool, and in one with an init. */
import { expect, vi } from "vitest"
import { stateOf } from "../real/harness/processes.ts"
import { type Container, soon, test } from "./container.ts"
import { bare } from "./image.ts"

/** Lets a worker start a process, kills the worker, and waits until the process has another parent. */
async function orphan(container: Container, path: string): Promise<number> {
  const { pid } = container.process(Number(await container.ask(path)))
  const worker = stateOf(pid)?.parent ?? 0
  process.kill(worker, "SIGKILL")
  const adopting = container.process(1).pid
  await vi.waitFor(() => expect([adopting, undefined]).toContain(stateOf(pid)?.parent), soon)
  return pid
}

async function zombie(pid: number): Promise<void> {
  await vi.waitFor(() => expect(stateOf(pid)?.state).toBe("Z"), soon)
}

test("the child of a worker that is killed is ended, and stays as a zombie, of which the log warns", async ({
  start,
}) => {
  const container = await start(bare)
  const pid = await orphan(container, "/child")
  await zombie(pid)
  // It waits a second for somebody to reap it before it says so.
  const log = await container.logged(/a zombie: dead workers had started them/)
  expect(log).toContain("docker run --init")
  expect(stateOf(pid)).toEqual({ state: "Z", parent: container.process(1).pid })
  expect(await container.stop()).toBe(0)
  expect(stateOf(pid)).toBeUndefined()
})

test("a detached process outlives its worker, and stays as a zombie when it ends", async ({
  start,
}) => {
  const container = await start(bare)
  const pid = await orphan(container, "/detached")
  await container.answeringPids(2)
  expect(stateOf(pid)?.state).toBe("S")
  process.kill(pid, "SIGKILL")
  await zombie(pid)
  expect(await container.stop()).toBe(0)
  expect(stateOf(pid)).toBeUndefined()
})

test.for(["/child", "/detached"])("--init: it is reaped (%s)", async (path, { start }) => {
  const container = await start(bare, ["--init"])
  const pid = await orphan(container, path)
  if (path === "/detached") process.kill(pid, "SIGKILL")
  await vi.waitFor(() => expect(stateOf(pid)).toBeUndefined(), soon)
  await container.answeringPids(2)
  expect(await container.stop()).toBe(0)
  expect(container.log()).not.toContain("zombie")
})
