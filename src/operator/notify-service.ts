/**
 * Tells a service manager what happens in a pool, and writes a line to a descriptor once it is ready. What is said is decided in
 * notify.ts.
 */
import { closeSync, writeSync } from "node:fs"
import type { Plan } from "../core/plan/plan.ts"
import type { Notice } from "../core/notice.ts"
import type { Supervisor } from "../pool/handle.ts"
import type { History } from "./history.ts"
import { mostNotices } from "./routes.ts"
import { sayNotice, type Saying, sayStatus, toldNothing } from "./notify.ts"
import { type NotifyVariables, openNotifySocket } from "./notify-socket.ts"

/** How often the status is looked at, at least. */
const lookMs = 1_000

/**
 * Begins to tell.
 *
 * @param warn gets what a person should know.
 */
export function tellServiceManager(
  pool: Pick<Supervisor, "status" | "done">,
  history: History,
  plan: Plan,
  variables: NotifyVariables,
  warn: (text: string) => void,
): void {
  const { send, monotonicUs, advice } = openNotifySocket(variables, warn)
  if (advice !== undefined) warn(advice)
  let told = toldNothing

  function say({ told: next, messages }: Saying): void {
    told = next
    for (const message of messages) send(message)
  }

  const hasWatchdog = variables.watchdogMs !== undefined
  const look = (): void => say(sayStatus(told, pool.status(), plan, hasWatchdog))
  const take = (notice: Notice): void => {
    const saying = sayNotice(told, notice, plan, monotonicUs())
    say(saying)
    // Who was told that it is ready may ask for its status at once.
    if (saying.messages.length > 0) look()
  }
  for (const notice of history.last(mostNotices)) take(notice)
  history.follow(take)
  const { watchdogMs = Infinity } = variables
  look()
  const looks = setInterval(look, Math.min(lookMs, watchdogMs / 2))
  looks.unref()
  void pool.done.then(() => clearInterval(looks))
}

/**
 * Writes a line break to a descriptor once every worker has been ready, and closes it, as s6 and dinit want it.
 *
 * @throws {Error} if nothing can be written there.
 */
export function tellByDescriptor(
  pool: Pick<Supervisor, "ready">,
  descriptor: number,
  warn: (text: string) => void,
): void {
  try {
    // An empty write finds out whether it is open.
    writeSync(descriptor, "")
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`notifyFd ${descriptor} cannot be written to: ${code}`, { cause: error })
  }
  const tell = (): void => {
    try {
      writeSync(descriptor, "\n")
      closeSync(descriptor)
    } catch (error) {
      warn(
        `nobody could be told at descriptor ${descriptor} that the pool is ready: ${String(error)}`,
      )
    }
  }
  pool.ready.then(tell, () => undefined)
}
