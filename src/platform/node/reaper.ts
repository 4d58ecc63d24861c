/**
 * The one process beside the primary that outlives it, for as long as it takes to end the workers.
 *
 * A worker whose event loop is blocked learns nothing of its primary's death. The sidecar does, by the end of the pipe
 * that only the primary holds, and kills what has not ended by itself within the timeout. It is started before the
 * first worker, started anew when it dies before the primary, and gone a moment after the last of them. Where there is
 * no `sh` to run it there is none, and a blocked worker is left to the operating system.
 */
import type { ChildProcess } from "node:child_process"
import type { Plan } from "../../core/plan/plan.ts"
import { reaperScript } from "./reaper-script.ts"

export interface Reaper {
  /** Notes a process that must not outlive this one. */
  add(pid: number): void
  /** Notes that it has ended. */
  remove(pid: number): void
  /** Lets the sidecar go: it ends those that are left as if this process were dead. */
  release(): void
}

/** A sidecar that dies before the primary is started again at once, and from then on no sooner than this after that. */
const restartMs = 1_000

/** Where `sleep` is, even if the user's PATH leads elsewhere: without it a worker's time would be over at once. */
const systemFolders = ["/usr/bin", "/bin"]

/** Why there is no sidecar for this process; undefined where there is one. */
export function whyReaperUnsupported(): string | undefined {
  if (process.platform === "win32") return "on Windows"
  if (process.pid === 1) return "in a process with pid 1"
  return findShell() === undefined ? "where there is no sh" : undefined
}

/** Starts the sidecar of this process; undefined where there can be none. Never throws: a failed start is tried again. */
export function startReaper(plan: Pick<Plan, "timeoutMs" | "signals">): Reaper | undefined {
  const shell = whyReaperUnsupported() === undefined ? findShell() : undefined
  return shell === undefined ? undefined : keepSidecar(shell, plan)
}

/** As `startReaper`, with the given shell. */
export function keepSidecar(
  shell: string,
  { timeoutMs, signals }: Pick<Plan, "timeoutMs" | "signals">,
): Reaper {
  // A worker that does not listen to SIGTERM would die of it in the midst of its shutdown, which the end of its channel
  // has called already.
  const signal = signals["SIGTERM"] === undefined ? "0" : "TERM"
  const pids = new Set<number>()
  let child: ChildProcess | undefined
  let restartedAt = -Infinity
  let restart: NodeJS.Timeout | undefined
  let isReleased = false

  function start(): void {
    // Those that live already are told as an argument: this process may be killed before it can write another word.
    const told = [String(timeoutMs), signal, [...pids].join(" "), String(process.pid)]
    const { spawn } = process.getBuiltinModule("node:child_process")
    let started: ChildProcess
    try {
      started = spawn(shell, ["-c", reaperScript, "kamisama-sidecar", ...told], {
        cwd: "/",
        detached: true,
        env: { PATH: [...systemFolders, ...usersFolders()].join(":") },
        stdio: ["pipe", "ignore", "ignore"],
      })
    } catch {
      // Out of memory, for example. Other failures are events.
      return startAgain()
    }
    child = started
    started.once("error", () => died(started))
    started.once("exit", () => died(started))
    // Deno throws where nothing has started.
    if (started.pid !== undefined) started.unref()
    // Out of file descriptors there is none, whatever the types say.
    const { stdin } = started
    if (!stdin) return
    stdin.on("error", () => undefined)
    // The types do not say this either, but a pipe is a socket, and would keep the event loop alive.
    if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref()
  }

  function died(which: ChildProcess): void {
    if (isReleased || child !== which) return
    child = undefined
    startAgain()
  }

  function startAgain(): void {
    const again = (): void => {
      restartedAt = performance.now()
      start()
    }
    const wait = restartedAt + restartMs - performance.now()
    if (wait <= 0) return again()
    restart = setTimeout(again, wait)
    restart.unref()
  }

  start()
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
      clearTimeout(restart)
      // It has died just now, and somebody has to end those that are left.
      if (child === undefined && pids.size > 0) start()
      isReleased = true
      clearTimeout(restart)
      child?.stdin?.end()
    },
  }
}

/** An empty entry would mean the current folder. */
function usersFolders(): string[] {
  return (process.env["PATH"] ?? "").split(":").filter((folder) => folder !== "")
}

let shellFound: { readonly path: string | undefined } | undefined

function findShell(): string | undefined {
  shellFound ??= { path: searchShell() }
  return shellFound.path
}

function searchShell(): string | undefined {
  return [...systemFolders, ...usersFolders()]
    .map((folder) => `${folder}/sh`)
    .find((path) => isExecutable(path))
}

function isExecutable(path: string): boolean {
  const { accessSync, constants } = process.getBuiltinModule("node:fs")
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
