import { describe, expect, test } from "vitest"
import {
  type BegunEnding,
  type Ending,
  type Facts,
  type HeldEnding,
  judgeEndings,
} from "../../soak/endings.ts"
import type { Death, Outage } from "../../soak/excuses.ts"
import { closeStatus } from "../../soak/held-load.ts"

const told: HeldEnding = {
  kind: "WebSocket",
  pid: 5,
  openedAt: 9_000,
  endedAt: 10_000,
  how: "told",
  text: "status 1001",
}
const cut: HeldEnding = { ...told, kind: "event stream", how: "cut", text: "aborted" }
/** It ends as late as it may: 1.5 s after the stop, and 1.2 s for a busy machine. */
const begun: BegunEnding = { kind: "head", pid: 5, openedAt: 9_000, endedAt: 12_700 }
const late: BegunEnding = { ...begun, endedAt: 12_701 }

const death: Death = {
  pid: 5,
  from: 9_990,
  at: 10_010,
  closedAt: 10_010,
  isHandedConnections: false,
}
const stopped: Outage = { from: 9_900, until: 11_000, wasKilled: false }
const killed: Outage = { ...stopped, wasKilled: true }
const none: Facts = { deaths: [], outages: [], stops: new Map() }
const stopping: Facts = { ...none, stops: new Map([[5, 10_000]]) }

/** The verdict on one ending. */
function verdict(ending: Ending, facts: Facts): string {
  const { right, excused, violations } = judgeEndings([ending], 1_500, facts)
  expect(right + excused + violations.length).toBe(1)
  return right === 1 ? "right" : excused === 1 ? "excused" : "violation"
}

describe("judgeEndings() finds right", () => {
  test.for([
    ["a WebSocket that is told while its worker stops", told, stopping],
    ["one that is told a moment before the stop is known", { ...told, endedAt: 9_750 }, stopping],
    [
      "an event stream that is complete long after the stop",
      { ...told, endedAt: 12_900 },
      stopping,
    ],
    ["a head that is closed within closeTimeout of the stop", begun, stopping],
    ["a hello that is closed though its worker goes on", { ...late, kind: "hello" }, none],
  ] as const)("%s", ([, ending, facts]) => {
    expect(verdict(ending, facts)).toBe("right")
  })
})

describe("judgeEndings() excuses", () => {
  test.for([
    ["one that is cut because its worker ends without warning", cut, { ...none, deaths: [death] }],
    ["one that is cut because its primary was killed", cut, { ...none, outages: [killed] }],
    [
      "a head that is closed late because its worker was suspended, and then killed",
      late,
      { ...stopping, deaths: [{ ...death, from: 11_000, at: 12_700, closedAt: 12_700 }] },
    ],
    [
      "one that is cut when its primary goes on, which was suspended as the worker ended",
      { ...cut, endedAt: 12_200 },
      { ...none, deaths: [{ ...death, closedAt: 12_200 }] },
    ],
  ] as const)("%s", ([, ending, facts]) => {
    expect(verdict(ending, facts)).toBe("excused")
  })
})

describe("judgeEndings() calls a violation", () => {
  test.for([
    ["one that is cut though no worker ended", cut, none],
    ["one that is cut while its worker stops", cut, stopping],
    ["one that is cut by a stop of the pool", cut, { ...stopping, outages: [stopped] }],
    ["one that is cut when another worker ends", cut, { ...none, deaths: [{ ...death, pid: 6 }] }],
    [
      "one that is cut long after its worker has ended",
      { ...cut, endedAt: 10_261 },
      { ...none, deaths: [death] },
    ],
    ["a WebSocket that is told though its worker goes on", told, none],
    ["one that is told before the stop", { ...told, endedAt: 9_749 }, stopping],
    [
      "one that is told though its worker goes on until it dies",
      told,
      { ...none, deaths: [death], outages: [killed] },
    ],
    ["a head that is open when closeTimeout has passed since the stop", late, stopping],
  ] as const)("%s", ([, ending, facts]) => {
    expect(verdict(ending, facts)).toBe("violation")
  })
})

describe("closeStatus()", () => {
  const hi = [0x81, 0x02, 0x68, 0x69]
  const close = [0x88, 0x02, 0x03, 0xe9]

  test.for([
    ["that of the frame that closes", [...hi, ...close], 1_001],
    ["none before that", [...hi, ...hi], undefined],
    ["none while the frame is not complete", [...hi, ...close.slice(0, 3)], undefined],
    ["none of what only looks like such a frame", [0x81, 0x02, 0x88, 0x02, 0x03, 0xe9], undefined],
    ["1005 if there is none", [0x88, 0x00], 1_005],
    ["another one", [0x88, 0x02, 0x03, 0xe8], 1_000],
  ] as const)("is %s", ([, bytes, expected]) => {
    expect(closeStatus(Buffer.from(bytes))).toBe(expected)
  })
})
