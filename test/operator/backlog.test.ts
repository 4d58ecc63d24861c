/** How many connections wait at a port. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { describe, expect, test } from "vitest"
import { backlogsOf, listenerAt } from "../../src/operator/backlog.ts"

/** A server that never accepts: it is busy from the moment at which it listens. */
const busyServer = `const server = require("node:net").createServer().listen(0, process.argv[1], () => {
  require("node:fs").writeSync(1, String(server.address().port))
  for (;;);
})`

describe("a line of /proc/net/tcp", () => {
  test.each([
    ["00000000:0BB8 00000000:0000 0A 00000000:00000007", "0.0.0.0:3000", 7],
    ["0100007F:0050 00000000:0000 0A 00000000:00000000", "127.0.0.1:80", 0],
    [
      "00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:0000000A",
      "[::1]:8080",
      10,
    ],
  ])("%s is a port", (begin, address, waiting) => {
    const line = `   0: ${begin} 00:00000000 00000000     0        0 1045 1 00000000f0eb12af 100 0 0 10 0`
    expect(listenerAt(line)).toEqual({ address, waiting, inode: "1045" })
  })

  test("of a connection, or an empty one, is none", () => {
    const line =
      "   1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1046 1"
    expect(listenerAt(line)).toEqual([])
    expect(listenerAt("")).toEqual([])
  })
})

test.runIf(process.platform === "linux").each(["127.0.0.1", "::1"])(
  "connections that nobody accepts are counted, at %s",
  async (host) => {
    const child = spawn(process.execPath, ["-e", busyServer, host], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    try {
      const [text] = (await once(child.stdout, "data")) as [Buffer]
      const port = Number(text)
      const clients = [1, 2, 3].map(() => connect(port, host).on("error", () => undefined))
      await Promise.all(clients.map((client) => once(client, "connect")))
      const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
      expect(backlogsOf([child.pid ?? 0])).toEqual([
        { address, waiting: 3, inode: expect.any(String) },
      ])
      expect(backlogsOf([process.pid])).toEqual([])
      for (const client of clients) client.destroy()
    } finally {
      child.kill("SIGKILL")
    }
  },
)
