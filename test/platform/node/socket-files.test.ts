/** Workers that ask again for a unix socket. The tests with real processes are in test/real/ports.test.ts. */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { constants, tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import type { ClusterChannel, ClusterMessage } from "../../../src/platform/node/cluster-channel.ts"
import { retrySockets } from "../../../src/platform/node/socket-files.ts"

test("two workers that ask for a socket in use ask again in turns of their own", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kamisama-socket-"))
  const path = join(folder, "app.sock")
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const happened: string[] = []
  const ask = (name: string): Promise<void> =>
    new Promise((resolve) => {
      let receive = (_message: ClusterMessage): unknown => undefined
      let send = receive
      const channel: ClusterChannel = {
        tell() {
          happened.push(`${name} asks again`)
          // An error of the first one is told in the next tick.
          process.nextTick(() => happened.push(`${name} has its answer`))
          setImmediate(resolve)
        },
        answer: () => undefined,
        onReceive: (listener) => void (receive = listener),
        onSend: (listener) => void (send = (message) => listener(message, undefined)),
        onLost: () => undefined,
        onGone: () => undefined,
      }
      retrySockets(channel, () => name)
      const query = { cmd: "NODE_CLUSTER", act: "queryServer", address: path, port: -1 } as const
      receive({ ...query, seq: 1 })
      send({ cmd: "NODE_CLUSTER", ack: 1, errno: -constants.errno.EADDRINUSE })
    })
  await Promise.all([ask("one"), ask("two")])
  expect(happened).toEqual([
    "one asks again",
    "one has its answer",
    "two asks again",
    "two has its answer",
  ])
  await new Promise((resolve) => server.close(resolve))
  rmSync(folder, { recursive: true })
})
