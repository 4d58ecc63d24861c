import { afterEach, describe, expect, test } from "vitest"
import { runtimeFlag, signalFlags } from "../../../src/platform/node/flags.ts"

const { execArgv } = process
const { NODE_OPTIONS } = process.env

afterEach(() => {
  process.execArgv = execArgv
  process.env["NODE_OPTIONS"] = NODE_OPTIONS ?? ""
})

describe("runtimeFlag()", () => {
  test.for([
    [[], "", undefined],
    [["--signal=SIGUSR2"], "", "SIGUSR2"],
    [["--signal", "SIGUSR2"], "", "SIGUSR2"],
    [["--signal"], "", ""],
    [["--signal", "--other"], "", ""],
    [["--signal=one", "--signal=two"], "", "two"],
    [[], "--other --signal=SIGUSR2", "SIGUSR2"],
    [[], "--signal SIGUSR2 --other", "SIGUSR2"],
    [["--signal=SIGHUP"], "--signal=SIGUSR2", "SIGHUP"],
    [[], '"--signal=with space" --other', "with space"],
    [[], '--signal="with \\" quote"', 'with " quote'],
    [["--other-signal=SIGUSR2"], "--signals", undefined],
  ] as const)("of %j and %j is %j", ([flags, options, expected]) => {
    process.execArgv = [...flags]
    process.env["NODE_OPTIONS"] = options
    expect(runtimeFlag("--signal")).toBe(expected)
  })

  test("takes an underscore for a hyphen, as Node does", () => {
    process.execArgv = ["--some_flag=a_b"]
    expect(runtimeFlag("--some-flag")).toBe("a_b")
  })
})

test("signalFlags() has the flags that act on a signal, with the signal", () => {
  expect(signalFlags()).toEqual({})
  process.execArgv = ["--heapsnapshot-signal", "SIGHUP"]
  expect(signalFlags()).toEqual({ "--heapsnapshot-signal": "SIGHUP" })
})
