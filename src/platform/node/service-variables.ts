/**
 * The variables by which a service manager such as systemd tells the primary where to report, and which sockets it passes. They are
 * about this process alone, so its workers do not get them.
 */
import { firstPassedFd, notifyName } from "../passed-descriptors.ts"
import { mayReadEnvironment } from "./runtime.ts"

const names = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
] as const

/** Those that are set, by name. */
export type ServiceVariables = { readonly [Name in (typeof names)[number]]?: string }

/** @param notifyFd the descriptor that leads to the service manager, if another primary has passed it on. */
export function serviceVariables(notifyFd: number | undefined): ServiceVariables {
  if (!mayReadEnvironment()) return {}
  const given: ServiceVariables = Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
  if (notifyFd === undefined) return given
  const before = Array<string>(notifyFd - firstPassedFd).fill("unknown")
  return {
    ...given,
    LISTEN_PID: String(process.pid),
    LISTEN_FDNAMES: [...before, notifyName].join(":"),
  }
}

/** From now on, no process that is started from here gets them. */
export function keepServiceVariables(): void {
  if (mayReadEnvironment()) for (const name of names) delete process.env[name]
}
