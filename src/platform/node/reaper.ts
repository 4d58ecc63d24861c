/**
 * Runs the reaper: a process beside the primary that outlives it until the workers have ended.
 *
 * A worker with a blocked event loop does not notice that its primary died. The reaper does, because a pipe ends that only
 * the primary holds. It then kills every worker that has not ended within the timeout. It is started right after the first
 * workers, while these boot, restarted if it dies before the primary, and gone a moment after the last worker. Without `sh`
 * there is no reaper, and a blocked worker is left to the operating system. Its decisions are those of ../reaper-keeping.ts.
 * See docs/decisions/reaper.md.
 */
import type { ChildProcess } from "node:child_process"
import type { Plan } from "../../core/plan/plan.ts"
import {
  beginKeeping,
  type KeepingCommand,
  type KeepingEvent,
  keepingStep,
  lineOf,
} from "../reaper-keeping.ts"
import { now } from "./clock.ts"
import { reaperScript } from "./reaper-script.ts"
import { mayRead } from "./runtime.ts"
import type { Trees } from "./tree.ts"

export interface Reaper {
  /** Notes a process that must not outlive this one. */
  add(pid: number): void
  /** Notes that a process has ended. */
  remove(pid: number): void
  /** Notes processes that workers have started, by their identities (process-list.ts). */
  note(identities: readonly string[]): void
  /** Releases the reaper. It ends the remaining processes as if this process were dead. */
  release(): void
}

/** What a reaper needs to know. */
export interface ReaperSettings {
  readonly plan: Pick<Plan, "timeoutMs" | "signals">
  /** What the workers start; undefined if that is left alone. */
  readonly trees: Pick<Trees, "own" | "mark" | "graceMs" | "known"> | undefined
  /** What a list of processes shows; undefined for the shell. */
  readonly title: string | undefined
}

/** The folders of `sleep`, even if the user's PATH lacks them. Without it, the time of a worker would be over at once. */
const systemFolders = ["/usr/bin", "/bin"]

/** Why this process can have no reaper; undefined if it can. */
export function whyReaperUnsupported(): string | undefined {
  if (process.platform === "win32") return "on Windows"
  if (process.pid === 1) return "as pid 1"
  return findShell() === undefined ? "without sh" : undefined
}

/** Starts the reaper of this process; undefined if it can have none. Never throws: a failed start is tried again. */
export function startReaper(settings: ReaperSettings): Reaper | undefined {
  const shell = whyReaperUnsupported() === undefined ? findShell() : undefined
  return shell === undefined ? undefined : keepReaper(shell, settings)
}

/** As `startReaper`, with the given shell. */
export function keepReaper(shell: string, { plan, trees, title }: ReaperSettings): Reaper {
  const { timeoutMs, signals } = plan
  // The end of its channel has already started the shutdown of a worker. If it does not listen to SIGTERM, the signal
  // would end it in the middle.
  const signal = signals["SIGTERM"] === undefined ? "0" : "TERM"
  let state = beginKeeping()
  let child: ChildProcess | undefined

  function happen(event: KeepingEvent): void {
    const step = keepingStep(state, event)
    ;({ state } = step)
    for (const command of step.commands) carryOut(command)
  }

  function carryOut(command: KeepingCommand): void {
    switch (command.type) {
      case "start":
        return start(command.workers)
      case "tell":
        child?.stdin?.write(lineOf(command.news))
        return
      case "await-next-turn":
        setImmediate(() => happen({ type: "next-turn-began" }))
        return
      case "wait":
        setTimeout(() => happen({ type: "wait-ended", at: now() }), command.waitMs).unref()
        return
      case "let-go":
        child?.stdin?.end()
    }
  }

  function start(workers: readonly number[]): void {
    const given = {
      workers: workers.join(" "),
      primary: String(process.pid),
      signal,
      timeout: String(timeoutMs),
      mark: trees?.mark ?? "",
      session: trees?.own.session ?? "",
      since: trees?.own.startedAt ?? "",
      known: trees?.known().join(" ") ?? "",
      grace: String(trees?.graceMs ?? 0),
    }
    // The last argument is for people who read a list of processes.
    const args = ["-c", `eval "$script"`, "kamisama-reaper", String(process.pid)]
    const { spawn } = process.getBuiltinModule("node:child_process")
    let started: ChildProcess
    try {
      started = spawn(shell, args, {
        // Some shells look here to see that they are to be sh.
        ...(title !== undefined && { argv0: `${title} /bin/sh` }),
        cwd: "/",
        detached: true,
        env: {
          PATH: [...systemFolders, ...usersFolders()].join(":"),
          script: reaperScript,
          ...given,
        },
        stdio: ["pipe", "ignore", "ignore"],
      })
    } catch {
      // For example out of memory. Other failures arrive as events.
      return happen({ type: "reaper-died", at: now() })
    }
    child = started
    started.once("error", () => died(started))
    started.once("exit", () => died(started))
    // Deno throws if nothing was started.
    if (started.pid !== undefined) started.unref()
    // Without free file descriptors there is no stdin, whatever the types say.
    const { stdin } = started
    if (!stdin) return
    stdin.on("error", () => undefined)
    // The types do not say this either, but the pipe is a socket and would keep the event loop alive.
    if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref()
  }

  function died(which: ChildProcess): void {
    if (child !== which) return
    child = undefined
    happen({ type: "reaper-died", at: now() })
  }

  return {
    add: (pid) => happen({ type: "worker-added", pid }),
    remove: (pid) => happen({ type: "worker-removed", pid }),
    note: (identities) => happen({ type: "processes-noted", identities }),
    release: () => happen({ type: "released" }),
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
  // It cannot be looked for, but it can be started: by its name, so that it is found then.
  if (!mayRead("/bin/sh")) return "sh"
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
