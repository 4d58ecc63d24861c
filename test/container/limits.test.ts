/** What a pool makes of the limits of its container. */
import { expect, vi } from "vitest"
import { stateOf } from "../real/harness/processes.ts"
import { podman } from "./engine.ts"
import { soon, test, theEngine } from "./container.ts"
import { bare } from "./image.ts"

const megabyte = 2 ** 20

/** What podman says if it cannot set these limits here; undefined if it can. */
async function refusalOf(...limits: readonly string[]): Promise<string | undefined> {
  const words = ["run", "--rm", "--network=none", ...limits, bare, "node", "--version"]
  const { code, out } = await podman(theEngine(), ...words)
  return code === 0 ? undefined : out
}

test("a worker that takes more memory than there is is killed by the kernel, and replaced", async ({
  start,
  skip,
}) => {
  // Swap is not to help out.
  const limits = ["--memory=300m", "--memory-swap=300m"]
  const refusal = await refusalOf(...limits)
  if (refusal !== undefined) skip(`memory cannot be limited here: ${refusal}`)
  const variables = ["--env=KAMISAMA_LOG=info", "--env=NODE_OPTIONS=--max-old-space-size=256"]
  const container = await start(bare, [...limits, ...variables])
  const workers = await container.answeringPids(2)
  const primary = container.process(1).pid
  expect(JSON.parse(await container.ask())).toMatchObject({ memory: 300 * megabyte })
  await container.logged(/heap of each worker may grow to .*, but 2 of them have 300 MiB together/)
  const pids = new Map(workers.map((inner) => [inner, container.process(inner).pid]))
  await expect(container.ask("/grow")).rejects.toThrow()
  const log = await container.logged(/was ended by SIGKILL, not by kamisama \(out of memory\?\)/)
  const [, killed] = /\(pid (\d+)\) was ended by SIGKILL/.exec(log) ?? []
  expect(workers).toContain(Number(killed))
  await vi.waitFor(() => expect(stateOf(pids.get(Number(killed)) ?? 0)).toBeUndefined(), soon)
  expect(await container.answeringPids(2)).not.toContain(Number(killed))
  expect(stateOf(primary)).toBeDefined()
  expect(await container.stop()).toBe(0)
})

test("the flags that the log advises for the heap end the advice", async ({ start, skip }) => {
  const limits = ["--memory=512m", "--memory-swap=512m", "--env=KAMISAMA_LOG=info"]
  const refusal = await refusalOf(...limits)
  if (refusal !== undefined) skip(`memory cannot be limited here: ${refusal}`)
  const advised = await start(bare, limits)
  const log = await advised.logged(/memory-beyond-limit.* --max-old-space-size=/)
  const flags = log.match(/--max-[a-z-]+=\d+/g) ?? []
  expect(flags).toHaveLength(2)
  const following = await start(bare, [...limits, `--env=NODE_OPTIONS=${flags.join(" ")}`])
  await following.answeringPids(2)
  // It is a finding of the start, as is the one that stays.
  await following.logged(/no-init/)
  expect(following.log()).not.toContain("memory-beyond-limit")
})

test("--cpus 1.5: there is one worker by default", async ({ start, skip }) => {
  const refusal = await refusalOf("--cpus=1.5")
  if (refusal !== undefined) skip(`processor time cannot be limited here: ${refusal}`)
  const container = await start(bare, ["--cpus=1.5", "--env=WEB_CONCURRENCY=", "--tmpfs=/tmp"])
  const { code, out } = await container.kamisama("status", "--json")
  expect(code, out).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ target: 1, ready: 1 })
  expect(await container.stop()).toBe(0)
})
