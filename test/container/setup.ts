/**
 * Starts the engine and makes the images, once for all files of tests. Where that is not possible, it says why, and the tests are
 * skipped.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestProject } from "vitest/node"
import { allProcesses } from "../real/harness/processes.ts"
import { missingForRoot } from "../real/harness/missing.ts"
import { commands, type Engine, podman, startEngine } from "./engine.ts"
import { bare, makeImages } from "./image.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Undefined if there can be none here. */
    engine: Engine | undefined
  }
}

/** Vitest calls it before the first test, and what it returns after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const lacking = missingForRoot(commands)
  if (lacking.length > 0) return skipped(project, `without ${lacking.join(", ")}`)
  const folder = mkdtempSync(join(tmpdir(), "kamisama-container-"))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const started = await startEngine(folder)
  if (typeof started === "string") {
    remove()
    return skipped(project, `where the kernel refuses namespaces: ${started}`)
  }
  const { engine, end } = started
  const finish = async (): Promise<void> => {
    await podman(engine, "pod", "rm", "--force", "--all")
    await podman(engine, "rm", "--force", "--all", "--time=0")
    await end()
    const left = leftOf(folder)
    remove()
    if (left.length > 0) throw new Error(`the engine has left ${left.join(", ")}`)
  }
  try {
    await makeImages(engine)
  } catch (error) {
    await finish()
    throw error
  }
  const { code, out } = await podman(engine, "run", "--rm", "--network=host", bare, "node", "-v")
  if (code !== 0) {
    await finish()
    return skipped(project, `where podman runs no container: ${out.split("\n").at(-1)}`)
  }
  project.provide("engine", engine)
  return finish
}

/** The processes that know the folder of the engine, and the mounts below it. */
function leftOf(folder: string): readonly string[] {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n")
  return [
    ...allProcesses().flatMap(({ command }) => (command.includes(folder) ? command : [])),
    ...mounts.filter((line) => line.includes(folder)),
  ]
}

function skipped(project: TestProject, why: string): () => Promise<void> {
  console.log(`skipped: containers are not tested ${why}`)
  project.provide("engine", undefined)
  return () => Promise.resolve()
}
