/**
 * Where a service manager begins to number the descriptors that it passes, and which of them leads back to it. Pure.
 */

/** The first descriptor that may be passed. */
export const firstPassedFd = 3

/** The name of the descriptor that leads to the service manager. */
export const notifyName = "notify"

/** The descriptor that leads to the service manager, if the variables are about this process and name one. */
export function notifyDescriptor(
  variables: { readonly [name: string]: string | undefined },
  pid: number,
): number | undefined {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = "" } = variables
  if (LISTEN_PID !== String(pid)) return undefined
  const index = LISTEN_FDNAMES.split(":").indexOf(notifyName)
  return index === -1 || index >= Number(LISTEN_FDS) ? undefined : firstPassedFd + index
}
