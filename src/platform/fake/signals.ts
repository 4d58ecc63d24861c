/**
 * What a signal does to a simulated process, on the system that is simulated. Decides nothing else.
 *
 * Windows has none: what the console tells of (Ctrl-C, Ctrl-Break, its window closes) looks like three of them, a few
 * others are ways to end a process whatever it listens to, and the rest do not exist.
 */
import type { FakeSystemName } from "./handle.ts"

/** How a signal arrives: so that it can be listened to, as the end of the process, or not at all. */
type Arrival = "signal" | "end" | "nothing"

/** Those of the console of Windows. */
const ofConsole = ["SIGINT", "SIGBREAK", "SIGHUP"]

/** Those that end a process of Windows at once. */
const terminating = ["SIGTERM", "SIGKILL", "SIGQUIT"]

/** Those that the kernel, or the runtime, lets pass: Node ignores SIGPIPE, and SIGUSR1 starts its debugger. */
const ignored = ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH", "SIGPIPE", "SIGUSR1"]

/** Those that would suspend a process. No suspended process is simulated, so they do nothing. */
const suspending = ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]

/** How a signal arrives at a process. */
export function arrivalOf(signal: string, system: FakeSystemName): Arrival {
  if (system === "posix" || ofConsole.includes(signal)) return "signal"
  return terminating.includes(signal) ? "end" : "nothing"
}

/** Whether the signal ends a process that does not listen to it. */
export function endsProcess(signal: string): boolean {
  return !ignored.includes(signal) && !suspending.includes(signal)
}
