/**
 * Stands in for the primary of a worker that somebody else's cluster forked, such as pm2 with `-i`: tells it to run at once,
 * and to stop when it is signaled.
 *
 * Whoever forked the worker supervises it. What only the primary of a pool can give is not given here.
 */
import { describeMs } from "../../core/describe.ts"
import type { Plan } from "../../core/plan/plan.ts"
import { writeWarning } from "./output.ts"
import { exitAtOnce } from "./own-end.ts"
import { isOfCluster } from "./cluster-channel.ts"
import type { PrimaryMessage, WorkerMessage } from "../wire.ts"

export interface StandIn {
  /** Takes what the worker sends to its primary, and answers. */
  answer(message: WorkerMessage, tell: (message: PrimaryMessage) => void): void
}

/** How long it takes a new worker to find out that the process that forked it has already ended. */
const lookMs = 50

/** What pm2 sends in place of a signal: on Windows, and with `shutdown_with_message`. */
const shutdownMessage = "shutdown"

/** Stands in for the primary of this process, and prints who supervises it. */
export function standInForPrimary({ timeoutMs }: Pick<Plan, "timeoutMs">): StandIn {
  const hasWarned = new Set<string>()
  let deadline: NodeJS.Timeout | undefined

  function stop(signal: string, tell: (message: PrimaryMessage) => void): void {
    deadline ??= setTimeout(end, timeoutMs).unref()
    tell({ type: "stop", signal, cause: "stop" })
  }

  function run(tell: (message: PrimaryMessage) => void): void {
    if (!process.connected) return
    warn(supervisedText())
    tell({ type: "run", slot: 1, willListen: false })
  }

  function end(): never {
    warn(`did not stop within ${describeMs(timeoutMs)} (timeout), ends with code 1`)
    exitAtOnce(1)
  }

  function warnOnce(text: string): void {
    if (!hasWarned.has(text)) warn(text)
    hasWarned.add(text)
  }

  return {
    answer(message, tell) {
      switch (message.type) {
        case "worker-said-hello": {
          process.on("message", (given) => {
            if (given === shutdownMessage) stop("SIGTERM", tell)
          })
          // Before node:cluster, which closes the servers and tells the worker only once all their connections have ended.
          const channel: NodeJS.EventEmitter = process
          channel.prependListener("internalMessage", (given) => {
            if (isDisconnect(given)) stop("SIGTERM", tell)
          })
          return void setTimeout(() => run(tell), lookMs)
        }
        case "worker-was-signaled":
          return stop(message.signal, tell)
        case "worker-asked-for-leadership":
          return warnOnce(
            "context.exclusive() stays pending, because only a pool knows who else is the leader",
          )
        case "worker-asked-for-replacement":
          return warnOnce(
            "context.recycle() does nothing, because only a pool starts a replacement",
          )
        default:
          // How it is. Nobody here acts on that.
          return undefined
      }
    },
  }
}

/** Whether a message of node:cluster asks this worker to disconnect. */
function isDisconnect(message: unknown): boolean {
  return isOfCluster(message) && message.act === "disconnect"
}

function warn(text: string): void {
  writeWarning(`process ${process.pid}: ${text}`)
}

function supervisedText(): string {
  const [by, instead] =
    process.env["pm_id"] === undefined
      ? ["the cluster that forked it", "without cluster.fork()"]
      : ["pm2", `with pm2 in fork mode (without -i and exec_mode "cluster")`]
  return `${by} supervises it, so it runs as one worker, without a pool. For a pool, start the script ${instead}.`
}
