import { describe, expect, test } from "vitest"
import {
  initialOwnStop,
  type OwnStop,
  type OwnStopCommand,
  type OwnStopEvent,
  stepOwnStop,
} from "../../src/worker/own-stop.ts"

const called = (pending: boolean, untold: boolean): OwnStopEvent => ({
  type: "listeners-called",
  pending,
  untold,
})
const told = called(false, false)
const promised = called(true, false)
const untold = called(false, true)
const settled: OwnStopEvent = { type: "listeners-settled" }
const drained: OwnStopEvent = { type: "drained" }
const closed: OwnStopEvent = { type: "closed" }
const idle: OwnStopEvent = { type: "idle" }
const overdue: OwnStopEvent = { type: "overdue" }
const runSettled: OwnStopEvent = { type: "run-settled" }
const exits = (code: number): OwnStopEvent => ({ type: "exit-requested", code })

/** Takes in events. @returns the commands after each, in short. */
function after(events: readonly OwnStopEvent[], run: "done" | "ends" | "stays" = "done"): string[] {
  let own: OwnStop = initialOwnStop
  let runs = run
  return events.map((event) => {
    if (event.type === "run-settled") runs = "done"
    const next = stepOwnStop(own, event, runs)
    own = next.own
    return next.commands.map(short).join(", ")
  })
}

function short(command: OwnStopCommand): string {
  switch (command.type) {
    case "exit-at-once":
      return `exit-at-once ${command.code}`
    case "warn-of-listeners":
      return `warn ${command.problem}`
    default:
      return command.type
  }
}

const begun = "begin-stopping, drain"

describe("a stop that the program's own listeners were told of", () => {
  test("drains, closes what run returned, and ends, if they have only logged", () => {
    expect(after([told, drained, closed])).toEqual([begun, "close-returned", "exit"])
  })

  test("waits for the promises that they returned, which may resolve before everything is drained", () => {
    expect(after([promised, drained, settled, closed])).toEqual([
      begun,
      "watch-listeners",
      "close-returned",
      "exit",
    ])
    expect(after([promised, settled, drained, closed])).toEqual([
      begun,
      "",
      "close-returned",
      "exit",
    ])
  })

  test("waits until nothing keeps the process alive, if they started something and said nothing", () => {
    expect(after([untold, drained, idle, closed])).toEqual([
      begun,
      "watch-listeners",
      "close-returned",
      "exit",
    ])
  })

  test("waits for a run that ends because of the stop, and only then drains", () => {
    expect(after([promised, settled, runSettled, drained, closed], "ends")).toEqual([
      "begin-stopping",
      "",
      "drain",
      "close-returned",
      "exit",
    ])
    expect(after([told, exits(0), drained], "ends")).toEqual(["begin-stopping", "drain", "exit"])
  })

  test("is not warned of while what run returned is being closed", () => {
    expect(after([promised, drained, settled, overdue])).toEqual([
      begun,
      "watch-listeners",
      "close-returned",
      "",
    ])
  })

  test("is not waited for until its timeout if nothing is known, and says so", () => {
    expect(after([untold, drained, overdue, closed])).toEqual([
      begun,
      "watch-listeners",
      "warn untold, close-returned",
      "exit",
    ])
  })

  test("is left to its timeout if a promise stays pending, and says so", () => {
    expect(after([promised, drained, overdue])).toEqual([begun, "watch-listeners", "warn pending"])
  })

  test("takes a process that nothing keeps alive for done, whatever is pending", () => {
    expect(after([promised, drained, idle])).toEqual([begun, "watch-listeners", "close-returned"])
  })

  test("waits for both a promise and work that nobody tells of", () => {
    const events = [called(true, true), drained, settled, idle]
    expect(after(events)).toEqual([begun, "watch-listeners", "", "close-returned"])
  })

  test("ends when everything is drained after the program has ended its process, and closes nothing", () => {
    expect(after([exits(0), untold, drained])).toEqual(["", begun, "exit"])
    expect(after([untold, exits(0), drained])).toEqual([begun, "", "exit"])
    expect(after([untold, drained, exits(0)])).toEqual([begun, "watch-listeners", "exit"])
    expect(after([promised, drained, exits(0)])).toEqual([begun, "watch-listeners", "exit"])
  })

  test("ends at once if the program ends with another code, unless it has ended before", () => {
    expect(after([untold, exits(3)])).toEqual([begun, "exit-at-once 3"])
    expect(after([untold, exits(0), exits(3), drained])).toEqual([begun, "", "", "exit"])
  })

  test("warns of nothing once the program has ended its process", () => {
    expect(after([untold, exits(0), overdue])).toEqual([begun, "", ""])
  })

  test("does not wait once more for what the program ends while it is closed", () => {
    expect(after([told, drained, exits(0), closed])).toEqual([begun, "close-returned", "", "exit"])
  })

  test("waits for a run that ends by context.signal before it drains", () => {
    expect(after([told, runSettled, drained], "ends")).toEqual([
      "begin-stopping",
      "drain",
      "close-returned",
    ])
  })

  test("waits for no run once the program has ended its process", () => {
    expect(after([told, exits(0), drained], "ends")).toEqual(["begin-stopping", "drain", "exit"])
    expect(after([exits(0), told, drained], "ends")).toEqual(["", begun, "exit"])
  })

  test("closes nothing while run is pending, as it has returned nothing", () => {
    expect(after([told, drained], "stays")).toEqual([begun, "exit"])
    expect(after([promised, drained, runSettled, settled], "stays")).toEqual([
      begun,
      "watch-listeners",
      "",
      "close-returned",
    ])
  })
})
