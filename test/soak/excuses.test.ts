import { describe, expect, test } from "vitest"
import { type Death, type Failure, judge, type Outage } from "../../soak/excuses.ts"

const broken: Failure = {
  startedAt: 9_900,
  failedAt: 10_000,
  how: "broken",
  text: "ECONNRESET",
  pid: 5,
  isNewConnection: false,
}
const unknown: Failure = { ...broken, pid: undefined, isNewConnection: true }
const refused: Failure = { ...unknown, how: "refused", text: "ECONNREFUSED" }
const hung: Failure = { ...unknown, how: "hung", failedAt: 20_000 }

const death: Death = {
  pid: 5,
  from: 10_000,
  at: 10_000,
  closedAt: 10_000,
  isHandedConnections: true,
}
const stop: Outage = { from: 9_000, until: 11_000, wasKilled: false }
const killed: Outage = { ...stop, wasKilled: true }

/** The verdict on the failures, as numbers. */
function verdict(
  failures: readonly Failure[],
  deaths: readonly Death[] = [],
  outages: readonly Outage[] = [],
): { notAccepted: number; excused: number; violations: number } {
  const { notAccepted, excused, violations } = judge(failures, deaths, outages)
  return { notAccepted, excused, violations: violations.length }
}

const violation = { notAccepted: 0, excused: 0, violations: 1 }
const excused = { notAccepted: 0, excused: 1, violations: 0 }
const notAccepted = { notAccepted: 1, excused: 0, violations: 0 }

describe("judge() calls a violation", () => {
  test.for([
    ["a broken connection though no worker ended", [broken], [], []],
    ["one whose worker keeps running while another ends", [broken], [{ ...death, pid: 6 }], []],
    [
      "one that broke before its worker ended",
      [broken],
      [{ ...death, from: 10_251, at: 10_251, closedAt: 10_251 }],
      [],
    ],
    [
      "one that broke after its worker ended",
      [broken],
      [{ ...death, at: 9_749, closedAt: 9_749 }],
      [],
    ],
    ["one that a worker had when its pool stopped", [broken], [], [stop]],
    ["one whose worker is unknown, if no worker ended", [unknown], [], []],
    ["one refused while a pool serves", [refused], [death], []],
    ["one refused after an outage", [{ ...refused, failedAt: 11_251 }], [], [stop]],
    ["one that hangs though a worker has it", [{ ...hung, pid: 5 }], [death], []],
    ["one that hangs on a used connection", [{ ...hung, isNewConnection: false }], [death], []],
    [
      "one that hangs though the kernel hands out connections",
      [hung],
      [{ ...death, isHandedConnections: false }],
      [],
    ],
    ["one that hangs and began after the worker had ended", [hung], [{ ...death, at: 9_649 }], []],
    ["one that hangs long after an outage", [hung], [], [{ ...killed, until: 16_999 }]],
    [
      "one that hangs though a worker served for long before the outage",
      [hung],
      [],
      [{ ...stop, from: 17_901, until: Infinity }],
    ],
    [
      "one that hangs in an outage, on a used connection",
      [{ ...hung, isNewConnection: false }],
      [],
      [{ ...stop, until: Infinity }],
    ],
  ] as const)("%s", ([, failures, deaths, outages]) => {
    expect(verdict(failures, deaths, outages)).toEqual(violation)
  })

  test("the second one that hangs after one death", () => {
    expect(verdict([hung, hung], [death])).toEqual({ ...excused, violations: 1 })
    expect(verdict([hung, hung], [death, { ...death, at: 11_000 }]).excused).toBe(2)
  })
})

describe("judge() excuses", () => {
  test.for([
    ["one whose worker ended at that moment", [broken], [death], []],
    [
      "one whose worker ended a moment before",
      [broken],
      [{ ...death, at: 9_750, closedAt: 9_750 }],
      [],
    ],
    [
      "one whose worker ended a moment after",
      [broken],
      [{ ...death, from: 10_250, at: 10_250, closedAt: 10_250 }],
      [],
    ],
    ["one whose worker was ending", [broken], [{ ...death, at: 10_900, closedAt: 10_900 }], []],
    ["one whose worker is unknown, if any worker ended", [unknown], [{ ...death, pid: 6 }], []],
    ["one that a worker had when its primary was killed", [broken], [], [killed]],
    ["one that hangs because it was on its way to a worker that ended", [hung], [death], []],
  ] as const)("%s", ([, failures, deaths, outages]) => {
    expect(verdict(failures, deaths, outages)).toEqual(excused)
  })
})

describe("judge() counts as not accepted", () => {
  test.for([
    ["one refused in an outage", [refused], [stop]],
    ["one refused in an outage that lasts", [refused], [{ ...stop, until: Infinity }]],
    ["one on a new connection that was reset in an outage", [unknown], [stop]],
    ["one that hangs in an outage that lasts", [hung], [{ ...stop, until: Infinity }]],
    ["one that hung before it", [hung], [{ ...stop, from: 17_900, until: Infinity }]],
    ["one that hangs until a moment after it", [hung], [{ ...stop, until: 17_000 }]],
    ["one refused a moment after an outage", [{ ...refused, failedAt: 11_250 }], [stop]],
  ] as const)("%s", ([, failures, outages]) => {
    expect(verdict(failures, [], outages)).toEqual(notAccepted)
  })
})
