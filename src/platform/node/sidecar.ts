/**
 * The one process beside the primary that outlives it, for as long as it takes to end the workers.
 *
 * A worker whose event loop is blocked learns nothing of its primary's death. The sidecar does, by the end of the pipe
 * that only the primary holds, and kills what has not ended by itself within the timeout. It is started before the
 * first worker, started anew when it dies before the primary, and gone a moment after the last of them. Where there is
 * no `sh` to run it there is none, and a blocked worker is left to the operating system.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter } from "node:path"
import { sidecarScript } from "./sidecar-script.ts"

export interface Sidecar {
  /** Notes a process that must not outlive this one. */
  add(pid: number): void
  /** Notes that it has ended. */
  remove(pid: number): void
  /** Lets the sidecar go: it ends those that are left as if this process were dead. */
  release(): void
}

/** How long after its start a sidecar that has died is started again. */
const restartMs = 1_000

/** Why there is no sidecar for this process; undefined where there is one. */
export function lackOfSidecar(): string | undefined {
  if (process.platform === "win32") return "on Windows"
  if (process.pid === 1) return "in a process with pid 1"
  return findShell() === undefined ? "where there is no sh" : undefined
}

/** Starts the sidecar of this process; undefined where there can be none. */
export function startSidecar(timeoutMs: number): Sidecar | undefined {
  const shell = lackOfSidecar() === undefined ? findShell() : undefined
  if (shell === undefined) return undefined
  const pids = new Set<number>()
  let child: ChildProcess | undefined
  let startedAt = -Infinity
  let restart: NodeJS.Timeout | undefined
  let isReleased = false

  function start(program: string): void {
    startedAt = performance.now()
    const started = spawn(
      program,
      ["-c", sidecarScript, "kamisama-sidecar", String(timeoutMs), String(process.pid)],
      {
        cwd: "/",
        detached: true,
        env: { PATH: process.env["PATH"] },
        stdio: ["pipe", "ignore", "ignore"],
      },
    )
    child = started
    started.once("error", () => died(program, started))
    started.once("exit", () => died(program, started))
    started.stdin.on("error", () => undefined)
    started.unref()
    // The types do not say so, but a pipe is a socket, and would keep the event loop alive.
    if ("unref" in started.stdin && typeof started.stdin.unref === "function") started.stdin.unref()
    for (const pid of pids) started.stdin.write(`+ ${pid}\n`)
  }

  function died(program: string, which: ChildProcess): void {
    if (isReleased || child !== which) return
    child = undefined
    const wait = startedAt + restartMs - performance.now()
    if (wait <= 0) return start(program)
    restart = setTimeout(() => start(program), wait)
    restart.unref()
  }

  start(shell)
  return {
    add(pid) {
      pids.add(pid)
      child?.stdin?.write(`+ ${pid}\n`)
    },
    remove(pid) {
      pids.delete(pid)
      child?.stdin?.write(`- ${pid}\n`)
    },
    release() {
      isReleased = true
      clearTimeout(restart)
      child?.stdin?.end()
    },
  }
}

let shellFound: { readonly path: string | undefined } | undefined

function findShell(): string | undefined {
  shellFound ??= { path: searchShell() }
  return shellFound.path
}

function searchShell(): string | undefined {
  const folders = ["/bin", "/usr/bin", ...(process.env["PATH"]?.split(delimiter) ?? [])]
  return folders.map((folder) => `${folder}/sh`).find((path) => isExecutable(path))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
