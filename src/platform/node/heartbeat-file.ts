/**
 * Heartbeats as the time of a file, so that a worker that is well costs its primary nothing: the worker sets the time of a
 * file that it has inherited, and the primary reads it only when it would have to act otherwise.
 *
 * The file is in memory and has no name. Its time is that of the monotonic clock, which all processes of a machine share. Where this
 * is not possible, workers send messages.
 */
import { monotonicMs } from "./clock.ts"
import { runtime } from "./runtime.ts"

/** The file of one worker, as its primary has it. */
export interface HeartbeatFile {
  readonly fd: number
  /** How long ago the worker has sent its latest heartbeat, in ms; undefined if there is none since the last look. */
  look(): number | undefined
  close(): void
}

/** A file system in memory. On a disk, setting a time may have to wait. */
const folder = "/dev/shm"

/** How many files this process has opened. */
let opened = 0

/** Whether none of them was refused. */
let isPossible = true

/** Opens the file of a worker. Undefined if that is not possible here. */
export function openHeartbeatFile(): HeartbeatFile | undefined {
  if (!runtime.inheritsFiles || process.platform !== "linux") return undefined
  const fs = process.getBuiltinModule("node:fs")
  const fd = isPossible ? openNameless() : undefined
  if (fd === undefined) return undefined
  let latest = 0
  return {
    fd,
    look() {
      const { mtimeMs } = fs.fstatSync(fd)
      if (mtimeMs === latest) return undefined
      latest = mtimeMs
      return Math.max(0, monotonicMs() - mtimeMs)
    },
    close: () => fs.closeSync(fd),
  }
}

/** Opens a file whose time is 0. Undefined if that is not possible, as under the permission model of Node. */
function openNameless(): number | undefined {
  const fs = process.getBuiltinModule("node:fs")
  opened += 1
  const path = `${folder}/kamisama-${process.pid}-${opened}`
  let fd: number | undefined
  try {
    fd = fs.openSync(path, "wx", 0o600)
    fs.unlinkSync(path)
    fs.futimesSync(fd, 0, 0)
    return fd
  } catch {
    isPossible = false
    if (fd !== undefined) fs.closeSync(fd)
    return undefined
  }
}

/** Sends a heartbeat by the file that this process has inherited. @returns whether it could. */
export function sendHeartbeat(fd: number): boolean {
  const fs = process.getBuiltinModule("node:fs")
  const now = monotonicMs() / 1_000
  try {
    // The program may have closed the file, and have another one of that number. That one has a name.
    if (fs.fstatSync(fd).nlink > 0) return false
    fs.futimesSync(fd, now, now)
    return true
  } catch {
    return false
  }
}
