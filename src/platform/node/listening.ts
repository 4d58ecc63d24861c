/**
 * Tells when the servers of this process listen.
 */
import type { Server } from "node:net"
import { hasListened, serversIn, untilServers, watchedServers } from "./servers.ts"

/**
 * Resolves once every server that `run` returned listens, and every other one that was told to. Rejects with the error of
 * one that `run` returned and that cannot listen. The error of another one is for the program, as without a pool.
 */
export async function listeningOf(resource: unknown): Promise<void> {
  await Promise.all(serversIn(resource).map(untilListening))
  await untilServers(() => !watchedServers().some(({ isPending }) => isPending))
}

/** Resolves once some server of this process listens. */
export function firstListening(): Promise<void> {
  return untilServers(() => watchedServers().some(({ server }) => server.listening))
}

function untilListening(server: Server): Promise<void> {
  if (server.listening || hasListened(server)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.once("listening", () => {
      server.off("error", reject)
      resolve()
    })
    server.once("error", reject)
  })
}
