/**
 * The clients of a rehearsal, in a process of their own, so that nothing else holds them up. They are those of the soak: requests on kept and
 * on new connections, WebSockets and event streams. None of them sends a request a second time. Beside those that hardly pause, there are
 * some that let their connection be idle for seconds. Says what it counted when it is told to end.
 */
import type { HeldEnding } from "../../soak/endings.ts"
import type { Failure } from "../../soak/excuses.ts"
import { startHeldLoad } from "../../soak/held-load.ts"
import { startSoakLoad } from "../../soak/load.ts"
import type { ClientReport, Loss } from "./traffic.ts"

const clients = { busy: 10, slow: 20, holding: 12 }

/** How long a slow client pauses at most: shorter than a server of Node keeps an idle connection. */
const longestPauseMs = 3_000

const port = Number(process.argv[2])
const heldFailures: Failure[] = []
const cut: HeldEnding[] = []
let opened = 0
let told = 0

const loads = [startSoakLoad(port, clients.busy), startSoakLoad(port, clients.slow, longestPauseMs)]
const letGo = startHeldLoad(port, clients.holding, {
  onOpened: () => (opened += 1),
  onEnded(ending) {
    if (ending.how === "told") told += 1
    else cut.push(ending)
  },
  onFailed: (failure) => heldFailures.push(failure),
})

process.once("message", () => void end())
process.once("disconnect", () => process.exit(1))

async function end(): Promise<void> {
  await Promise.all([...loads.map((load) => load.end()), letGo()])
  const sent = loads.reduce((sum, { requests }) => sum + requests, 0)
  const report: ClientReport = {
    requests: sent + opened + heldFailures.length,
    lost: [...loads.flatMap(({ failures }) => failures), ...heldFailures].map(lossOf),
    slowestMs: Math.max(...loads.map(({ slowestMs }) => slowestMs)),
    promised: told,
    otherwise: cut.map(({ kind, pid, text, endedAt }) => ({
      what: `${kind} of ${pid}: ${text}`,
      at: momentOf(endedAt),
    })),
  }
  process.send?.(report, () => process.disconnect())
}

function lossOf({ how, text, isNewConnection, pid, startedAt, failedAt }: Failure): Loss {
  const connection = isNewConnection ? "new" : "kept"
  const whose = pid === undefined ? "" : ` to ${pid}`
  const afterMs = Math.round(failedAt - startedAt)
  return {
    connection: how === "hung" ? "hung" : connection,
    what: `${text} on a ${connection} connection${whose} after ${afterMs} ms`,
    at: momentOf(failedAt),
  }
}

/** A moment that another process understands. */
function momentOf(at: number): number {
  return performance.timeOrigin + at
}
