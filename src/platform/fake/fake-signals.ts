/**
 * What a signal does to a simulated process that does not listen to it. Decides nothing else.
 */

/** Those that the kernel, or the runtime, lets pass: Node ignores SIGPIPE, and SIGUSR1 starts its debugger. */
const ignored = ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH", "SIGPIPE", "SIGUSR1"]

/** Those that would suspend a process. No suspended process is simulated, so they do nothing. */
const suspending = ["SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU"]

/** Whether the signal ends a process that does not listen to it. */
export function endsProcess(signal: string): boolean {
  return !ignored.includes(signal) && !suspending.includes(signal)
}
