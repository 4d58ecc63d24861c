/**
 * Finds the pools of this user by their control sockets.
 */
import { lstatSync, readdirSync, unlinkSync } from "node:fs"
import { hasPipes, socketFolders, whyUnsafe } from "../../operator/folder.ts"
import type { About } from "../../operator/status.ts"
import { isPipe, namedBy, placesIn, socketName, type SocketPlace } from "../../operator/place.ts"
import { oneLine } from "../../core/log-line.ts"
import { Failure, UsageError } from "../usage-error.ts"
import { ask, type Unanswered } from "../../operator/client.ts"

/** A pool that answers. */
export interface FoundPool extends About {
  readonly socketPath: string
}

/** How long a pool may take to say who it is. */
const answerMs = 2_000

/** Nobody listens: a socket that is left has nobody, and a pipe is gone with its process. */
const goneCodes = ["ENOENT", "ECONNREFUSED"]

/** The pools of this user. */
interface Found {
  /** Those that answer, by name and then by process id. */
  readonly pools: readonly FoundPool[]
  /** The sockets of those that live and do not answer: suspended, or busy with others. */
  readonly silent: readonly string[]
}

/** Looks for pools. What is left of those that are gone is removed. */
export async function findPools(): Promise<Found> {
  const found = await Promise.all(
    places().map(({ path, file }) => aboutAt(path, () => remove(file))),
  )
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
 * @throws {Failure} if it does not answer.
 */
export async function choosePool(named: string | undefined): Promise<FoundPool | undefined> {
  const { pools: all, silent } = await findPools()
  const isPath = named !== undefined && (named.includes("/") || isPipe(named))
  // A name may have a slash, too.
  if (isPath && !all.some(({ name }) => name === named)) {
    const pool = await aboutAt(named)
    if (pool === undefined) return undefined
    if (typeof pool === "string") {
      throw new Failure(`the pool at ${named} does not answer, or is not yours`)
    }
    return pool
  }
  const meant = named === undefined ? all : all.filter((pool) => isNamed(pool, named))
  const [only] = meant
  if (meant.length > 1) {
    throw new UsageError(`say which pool, by name or pid: ${meant.map(shortly).join(", ")}`)
  }
  if (only !== undefined) return only
  const hung = silent.filter((path) => named === undefined || isNamedAt(path, named))
  if (hung.length > 0) throw new Failure(hung.map(silentText).join("; "))
  const list = [...all, ...silent.map((path) => namedBy(path) ?? { name: path, pid: "" })]
  if (named === undefined || list.length === 0) return undefined
  throw new UsageError(`no pool ${named} runs. There are: ${list.map(shortly).join(", ")}`)
}

/** A pool in a line of text. */
export function nameOf({ name, pid }: FoundPool): string {
  return `${oneLine(name)} (pid ${pid})`
}

/** That a pool does not answer, with its name and its process id. */
export function silentText(path: string): string {
  const { name, pid } = namedBy(path) ?? {}
  const who = name === undefined ? `the pool at ${path}` : `${name} (pid ${pid})`
  return `${who} does not answer within ${answerMs / 1_000} s: suspended, or busy`
}

function shortly({ name, pid }: { readonly name: string; readonly pid: number | string }): string {
  return `${name} ${pid}`.trimEnd()
}

/** Whether a pool is meant. Its name is that of its script, which may be given with its ending. */
function isNamed({ name, pid }: Pick<FoundPool, "name" | "pid">, named: string): boolean {
  return name === named || String(pid) === named || name === withoutEnding(named)
}

/** The same of a pool that does not answer: its socket has as much of its name as a file may have. */
function isNamedAt(path: string, named: string): boolean {
  const found = namedBy(path)
  if (found === undefined) return false
  const { name, pid } = found
  const names = [named, withoutEnding(named)].map((one) => socketName(one, pid))
  return String(pid) === named || names.includes(`${name}-${pid}`)
}

function withoutEnding(named: string): string {
  return named.replace(/\.[cm]?[jt]sx?$/, "")
}

function places(): readonly SocketPlace[] {
  const folders = socketFolders().filter(({ path }) => whyUnsafe(path) === undefined)
  return folders.flatMap(({ path }) => placesIn(path, namesIn(path), hasPipes))
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/**
 * The pool; the path if there is one that does not answer, and undefined if there is none.
 *
 * @param onKilled is called if nobody listens any more: its primary was killed.
 */
async function aboutAt(
  socketPath: string,
  onKilled?: () => void,
): Promise<FoundPool | string | undefined> {
  try {
    const { body } = await ask(socketPath, "GET", "/", answerMs)
    return isAbout(body) ? { ...body, socketPath } : undefined
  } catch (error) {
    const { code = "" } = error as Unanswered
    if (goneCodes.includes(code)) onKilled?.()
    return goneCodes.includes(code) ? undefined : socketPath
  }
}

function remove(file: string): void {
  try {
    const found = lstatSync(file)
    if (found.isSocket() || (hasPipes && found.isFile())) unlinkSync(file)
  } catch {
    // It is gone, or belongs to somebody else.
  }
}

function isAbout(body: unknown): body is About {
  return typeof body === "object" && body !== null && "kamisama" in body && "pid" in body
}
