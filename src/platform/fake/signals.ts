/**
 * What a signal does to a simulated process, on the system that is simulated.
 *
 * Windows has no signals. Events of the console (Ctrl-C, Ctrl-Break, its window closes) look like three of them, a few others end a
 * process whatever it listens to, and the rest do not exist.
 */
import type { FakeSystemName } from "./handle.ts"

/** How a signal arrives: as one that can be handled, as the end of the process, or not at all. */
type Arrival = "signal" | "end" | "nothing"

/** Signals of the Windows console. */
const ofConsole = ["SIGINT", "SIGBREAK", "SIGHUP"]

/** Signals that end a process at once on Windows. */
const terminating = ["SIGTERM", "SIGKILL", "SIGQUIT"]

/** Signals that the kernel or the runtime ignores: Node ignores SIGPIPE, and SIGUSR1 starts its debugger. */
const ignored = ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH", "SIGPIPE", "SIGUSR1"]

/** Signals that would suspend a process. Suspended processes are not simulated, so they do nothing. */
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
