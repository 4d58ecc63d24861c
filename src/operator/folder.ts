/**
 * Finds and checks the folder of a socket: whoever can write to it could put another socket in its place.
 */
import { accessSync, constants, lstatSync, mkdirSync, realpathSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname } from "node:path"
import { oneLine } from "../core/log-line.ts"
import { foldersIn, type SocketFolder } from "./place.ts"

/** Whether control sockets are named pipes here: on Windows. */
export const hasPipes: boolean = process.platform === "win32"

/** The folders in which a pool of this user may have its socket, the best one first. */
export function socketFolders(): readonly SocketFolder[] {
  return foldersIn({ environment: process.env, uid: process.getuid?.(), temporary: tmpdir() })
}

/** Why a folder cannot be used; undefined if it can. It is made if it may be. */
export function whyUnusable({ path, isOurs }: SocketFolder): string | undefined {
  try {
    if (isOurs) mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === "ENOENT") return `there is no ${oneLine(dirname(path))}`
    if (codeOf(error) !== "EEXIST") return `it cannot be made: ${codeOf(error)}`
  }
  return whyUnsafe(path) ?? whyNotWritable(path)
}

/** Why nobody may trust what is in a folder; undefined if one may. */
export function whyUnsafe(path: string): string | undefined {
  const uid = process.getuid?.()
  try {
    const found = lstatSync(path)
    // The folder of a service with a dynamic user is a link that systemd makes, as root.
    if (found.isSymbolicLink() && found.uid === 0 && uid !== 0) return whyUnsafe(realpathSync(path))
    if (found.isSymbolicLink()) return "it is a link"
    if (!found.isDirectory()) return "it is no folder"
    if (uid === undefined) return undefined
    if (found.uid !== uid) return `it belongs to the user ${found.uid}`
    if ((found.mode & 0o022) !== 0) return "others may write to it"
    return undefined
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "there is none" : `it cannot be read: ${codeOf(error)}`
  }
}

function whyNotWritable(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return `it cannot be written to: ${codeOf(error)}`
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
