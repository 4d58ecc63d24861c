import { describe, expect, test } from "vitest"
import { passedSockets } from "../../../src/platform/node/passed-sockets.ts"
import { addressesIn, isMeant } from "../../../src/platform/socket-address.ts"

const variables = (LISTEN_FDS: string, LISTEN_FDNAMES?: string): Record<string, string> => ({
  LISTEN_PID: "7",
  LISTEN_FDS,
  ...(LISTEN_FDNAMES !== undefined && { LISTEN_FDNAMES }),
})

describe("the variables of a service manager", () => {
  test("name the sockets that were passed, but for its own", () => {
    expect(passedSockets(variables("3", "http:notify:admin"), 7)).toEqual([
      { fd: 3, name: "http" },
      { fd: 5, name: "admin" },
    ])
    expect(passedSockets(variables("2"), 7)).toEqual([
      { fd: 3, name: "unknown" },
      { fd: 4, name: "unknown" },
    ])
  })

  test("mean nothing if they are about another process", () => {
    expect(passedSockets(variables("1"), 8)).toEqual([])
    expect(passedSockets({}, 7)).toEqual([])
  })

  test.each(["many", "-1", "1.5", "1e9", ""])("are refused if they lie: %s", (count) => {
    const expected = count === "" ? [] : `LISTEN_FDS must be a number of sockets, got "${count}"`
    expect(passedSockets(variables(count), 7)).toEqual(expected)
  })
})

test("addresses are read from the tables of the kernel", () => {
  const head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
  const rest = "00000000:00000000 00:00000000 00000000     0        0"
  const addresses = addressesIn({
    tcp: `${head}\n   0: 0100007F:0BB8 00000000:0000 0A ${rest} 11 1\n   1: 0100007F:1F90 0100007F:0BB8 01 ${rest} 12 1`,
    tcp6: `${head}\n   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A ${rest} 13 1\n   1: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A ${rest} 14 1`,
    unix: "Num       RefCount Protocol Flags    Type St Inode Path\n0: 00000002 00000000 00010000 0001 01 15 /run/shop.sock\n0: 00000002 00000000 00010000 0001 01 16",
  })
  expect([...addresses]).toEqual([
    ["11", { host: "127.0.0.1", port: 3000 }],
    ["13", { host: "0:0:0:0:0:0:0:0", port: 80 }],
    ["14", { host: "0:0:0:0:0:ffff:7f00:1", port: 81 }],
    ["15", { path: "/run/shop.sock" }],
  ])
})

describe("a server gets a passed socket", () => {
  const any = { host: "0:0:0:0:0:0:0:0", port: 80 }
  const local = { host: "127.0.0.1", port: 80 }
  const local6 = { host: "0:0:0:0:0:0:0:1", port: 80 }

  test.each([
    [any, { host: null, port: 80 }, true],
    [local, { host: null, port: 80 }, true],
    [local, { host: "0.0.0.0", port: 80 }, true],
    [local, { host: "::", port: 80 }, true],
    [local, { host: "127.0.0.1", port: 80 }, true],
    [local6, { host: "::1", port: 80 }, true],
    [any, { host: "::", port: 80 }, true],
    [any, { host: null, port: 81 }, false],
    [any, { host: null, port: 0 }, false],
    // It would be open to others than the program says.
    [any, { host: "127.0.0.1", port: 80 }, false],
    [local, { host: "::1", port: 80 }, false],
    [{ path: "/run/a" }, { path: "/run/a" }, true],
    [{ path: "/run/a" }, { path: "/run/b" }, false],
    [{ path: "/run/a" }, { host: null, port: 80 }, false],
  ])("%j for one that is to listen at %j: %s", (passed, wanted, expected) => {
    expect(isMeant(passed, wanted)).toBe(expected)
  })
})
