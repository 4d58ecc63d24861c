/**
 * The file by which a pipe is found on Windows: any user may make a pipe with the name of a pool, but not a file in the
 * temporary folder of another.
 */
import { rmSync, writeFileSync } from "node:fs"
import { oneLine } from "../core/log-line.ts"
import { messageOf } from "../worker/error-text.ts"
import type { SocketPlace } from "./place.ts"
import type { OpenServer } from "./server.ts"

/**
 * Writes it, until the pool is done. What is at its place is removed first, so that a link there leads nowhere.
 *
 * @throws {Error} if it cannot be written; its message says what that means.
 */
export function writePipeFile({ file, path }: SocketPlace): OpenServer {
  try {
    rmSync(file, { force: true })
    writeFileSync(file, "", { flag: "wx" })
  } catch (error) {
    throw new Error(
      `this pool is not found by its name, because ${oneLine(file)} cannot be written: ${messageOf(error)}. Name its pipe instead: kamisama status ${oneLine(path)}`,
      { cause: error },
    )
  }
  return { port: undefined, close: () => rmSync(file, { force: true }) }
}
