/**
 * Tells when the servers of this process listen.
 */
import type { Server } from "node:net"
import {
  hasListened,
  listenFailure,
  serversIn,
  uncaughtListenFailure,
  untilServers,
  watchedServers,
} from "./servers.ts"

/**
 * Resolves once every server that `run` returned listens, and every other one that was told to. Rejects with the error of
 * one that `run` returned and that cannot listen. The error of another one is for the program, as without a pool. But if it
 * is uncaught, the process would have ended of it without a listener to `uncaughtException`: then it counts, unless the
 * process serves something else.
 *
 * @param servesElsewhere whether the process serves what is no server of node:net or node:http.
 */
export async function listeningOf(
  resource: unknown,
  servesElsewhere: () => boolean,
): Promise<void> {
  await Promise.all(serversIn(resource).map(untilListening))
  await untilServers(() => !watchedServers().some(({ isPending }) => isPending))
  const failure = uncaughtListenFailure()
  if (failure !== undefined && !servesElsewhere()) throw failure.error
}

/** Resolves once some server of this process listens, or none can. */
export function firstListening(): Promise<void> {
  return untilServers(
    () =>
      watchedServers().some(({ server }) => server.listening) ||
      uncaughtListenFailure() !== undefined,
  )
}

function untilListening(server: Server): Promise<void> {
  if (server.listening || hasListened(server)) return Promise.resolve()
  const failure = listenFailure(server)
  if (failure !== undefined) return Promise.reject(failure.error)
  return new Promise((resolve, reject) => {
    server.once("listening", () => {
      server.off("error", reject)
      resolve()
    })
    server.once("error", reject)
  })
}
