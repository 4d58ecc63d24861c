/**
 * Where the socket of a pool is, for those who open it and for those who look for it. Pure: the folders follow from the
 * environment, and are checked by folder.ts.
 */

/** What the folders follow from. */
export interface Surroundings {
  readonly environment: { readonly [variable: string]: string | undefined }
  /** Undefined on Windows. */
  readonly uid: number | undefined
  /** The temporary folder. */
  readonly temporary: string
}

/** A folder that may have sockets of pools. */
export interface SocketFolder {
  readonly path: string
  /** Whether it is made if it is missing. Those that systemd makes are not. */
  readonly isOurs: boolean
}

/** A path for a socket has no more bytes than this on Linux, and on macOS even fewer. */
export const longestPath = 100

/** What the path of a pipe on Windows begins with, if a pool has chosen it. */
const pipePrefix = "\\\\.\\pipe\\kamisama-"

/** The same of any pipe: Windows takes slashes and any case of letters. */
const pipeRoot = /^[\\/]{2}[.?][\\/]pipe[\\/]/i

/** Where a pool listens, and the file by which it is found. */
export interface SocketPlace {
  readonly path: string
  /** The socket itself. On Windows an empty file: any user may make a pipe with such a name. */
  readonly file: string
}

/** The folders in which a pool may have its socket, the best one first. */
export function foldersIn({ environment, uid, temporary }: Surroundings): readonly SocketFolder[] {
  // systemd separates several by colons.
  const [ofService] = (environment["RUNTIME_DIRECTORY"] ?? "").split(":")
  const ofUser = environment["XDG_RUNTIME_DIR"]
  return [
    ...(ofService ? [{ path: ofService, isOurs: false }] : []),
    ...(ofUser ? [{ path: `${ofUser}/kamisama`, isOurs: true }] : []),
    { path: `${temporary}/kamisama-${uid ?? "user"}`, isOurs: true },
  ]
}

/** The name of the socket of a pool: only letters, digits and a few signs, and not too long. */
export function socketName(name: string, pid: number): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "")
  return `${safe.slice(0, 40) || "pool"}-${pid}`
}

/** The place of a socket that is found in a folder. */
export function placeIn(folder: string, name: string, hasPipes: boolean): SocketPlace {
  const file = `${folder}/${name}${suffixOf(hasPipes)}`
  return { file, path: hasPipes ? pipePrefix + name : file }
}

/** The places that a folder has, by the names of its files. */
export function placesIn(
  folder: string,
  files: readonly string[],
  hasPipes: boolean,
): readonly SocketPlace[] {
  const suffix = suffixOf(hasPipes)
  const ours = files.filter((file) => file.endsWith(suffix))
  const names = ours.map((file) => file.slice(0, -suffix.length))
  return names.filter((name) => /-\d+$/.test(name)).map((name) => placeIn(folder, name, hasPipes))
}

function suffixOf(hasPipes: boolean): string {
  return hasPipes ? ".pipe" : ".sock"
}

/** Whether it is the path of a pipe on Windows. */
export function isPipe(path: string): boolean {
  return pipeRoot.test(path)
}

/** The name of a pool, as far as it stands in the name of its socket, and the process id of its primary; undefined for other files. */
export function namedBy(file: string): { readonly name: string; readonly pid: number } | undefined {
  const [, name, pid] = /([^/\\]+)-(\d+)(?:\.sock)?$/.exec(file.replace(pipePrefix, "")) ?? []
  return name === undefined ? undefined : { name, pid: Number(pid) }
}
