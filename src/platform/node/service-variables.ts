/**
 * The variables by which a service manager such as systemd tells the primary where to report, and which sockets it passes. They are
 * about this process alone, so its workers do not get them.
 */
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

export function serviceVariables(): ServiceVariables {
  if (!mayReadEnvironment()) return {}
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** From now on, no process that is started from here gets them. */
export function keepServiceVariables(): void {
  if (mayReadEnvironment()) for (const name of names) delete process.env[name]
}
