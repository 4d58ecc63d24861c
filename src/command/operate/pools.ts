/**
 * Finds the pools of this user by their control sockets.
 */
import { readdirSync, unlinkSync } from "node:fs"
import { socketFolders, whyUnsafe } from "../../operator/folder.ts"
import type { About } from "../../operator/status.ts"
import { isSocketName, pipePrefix } from "../../operator/place.ts"
import { oneLine } from "../../core/log-line.ts"
import { UsageError } from "../usage-error.ts"
import { ask } from "../../operator/client.ts"

/** A pool that answers. */
export interface FoundPool extends About {
  readonly socketPath: string
}

/** How long a pool may take to say who it is. */
const answerMs = 2_000

/** The pools of this user. */
interface Found {
  /** Those that answer, by name and then by process id. */
  readonly pools: readonly FoundPool[]
  /** The sockets of those that live and do not answer: suspended, or busy with others. */
  readonly silent: readonly string[]
}

/** Looks for pools. What is left of those that are gone is removed. */
export async function findPools(): Promise<Found> {
  const found = await Promise.all(socketPaths().map(aboutAt))
  return {
    pools: found
      .flatMap((pool) => (typeof pool === "object" ? pool : []))
      .sort((one, other) => one.name.localeCompare(other.name) || one.pid - other.pid),
    silent: found.flatMap((pool) => (typeof pool === "string" ? pool : [])),
  }
}

/**
 * The pool that is meant.
 *
 * @param named a name, a process id, or the path of a socket; undefined for the only one that runs.
 * @returns undefined if none runs.
 * @throws {UsageError} if there are several, or no such one.
 */
export async function choosePool(named: string | undefined): Promise<FoundPool | undefined> {
  const { pools: all, silent } = await findPools()
  const isPath = named?.includes("/") === true || named?.startsWith(pipePrefix) === true
  // A name may have a slash, too.
  if (isPath && !all.some(({ name }) => name === named)) {
    const pool = await aboutAt(named)
    if (pool === undefined) return undefined
    if (typeof pool === "string") {
      throw new UsageError(`the pool at ${oneLine(named)} does not answer, or is not yours`)
    }
    return pool
  }
  const meant =
    named === undefined
      ? all
      : all.filter(({ name, pid }) => name === named || String(pid) === named)
  if (meant.length === 0 && silent.length > 0) {
    throw new UsageError(
      `a pool does not answer within ${answerMs / 1_000} s: ${silent.map(oneLine).join(", ")}`,
    )
  }
  if (all.length === 0) return undefined
  if (meant.length <= 1 && (named === undefined || meant.length === 1)) return meant[0]
  const list = (meant.length > 0 ? meant : all).map(({ name, pid }) => `${name} ${pid}`).join(", ")
  if (meant.length > 1) throw new UsageError(`say which pool, by name or pid: ${list}`)
  throw new UsageError(`no pool ${named} runs${list === "" ? "" : `. There are: ${list}`}`)
}

function socketPaths(): readonly string[] {
  if (process.platform === "win32")
    return namesIn("\\\\.\\pipe\\").map((name) => `\\\\.\\pipe\\${name}`)
  const folders = socketFolders().filter(({ path }) => whyUnsafe(path) === undefined)
  return folders.flatMap(({ path }) => namesIn(path).map((name) => `${path}/${name}`))
}

function namesIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder)
    return names.filter((name) =>
      folder.startsWith("\\\\") ? /^kamisama-.*-\d+$/.test(name) : isSocketName(name),
    )
  } catch {
    return []
  }
}

/** The pool; the path if there is one that does not answer, and undefined if there is none. */
async function aboutAt(socketPath: string): Promise<FoundPool | string | undefined> {
  try {
    const { body } = await ask(socketPath, "GET", "/", answerMs)
    return isAbout(body) ? { ...body, socketPath } : undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return undefined
    if (code !== "ECONNREFUSED") return socketPath
    // Its primary was killed.
    remove(socketPath)
    return undefined
  }
}

function remove(socketPath: string): void {
  try {
    unlinkSync(socketPath)
  } catch {
    // It is gone, or belongs to somebody else.
  }
}

function isAbout(body: unknown): body is About {
  return typeof body === "object" && body !== null && "kamisama" in body && "pid" in body
}
