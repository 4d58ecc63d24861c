import { describe, expect, test } from "vitest"
import { drawTimeline, timelineMatchers } from "../../../src/fake.ts"
import { transcript } from "./stories.ts"

// What it adds to the types of `expect` is declared in examples/timeline.test.ts, once for all tests.
expect.extend(timelineMatchers)

const rows = `
  worker 1  |.:::##################-
  worker 2  |..:::#################---x
  worker 3  |...:::#.:#_.:#_.:#____
  worker 4  |                   .:#--
`

const drawing = `
  ms        |0   23 323 748 1_285 1_923
  worker 1  |.:::##################-
  worker 2  |..:::#################---x
  worker 3  |...:::#.:#_.:#_.:#____
  worker 4  |                   .:#--
`

/** What the matcher says of it. */
function messageOf(act: () => void): string {
  try {
    act()
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error("it did not fail")
}

describe("toMatchTimeline()", () => {
  test("takes the rows, the moments with them, and all that drawTimeline() draws", async () => {
    const os = await transcript()
    expect(os).toMatchTimeline(rows)
    expect(os).toMatchTimeline(drawing)
    expect(os).toMatchTimeline(drawTimeline(os.log))
    expect(os.log).toMatchTimeline(drawing)
  })

  test("draws with the options that are given", async () => {
    const os = await transcript()
    const options = { width: 50, mostColumns: 40, mark: os.log.length, mostCommands: 3 }
    expect(os).toMatchTimeline(drawTimeline(os.log, options), options)
    expect(os).not.toMatchTimeline(drawTimeline(os.log, options))
  })

  test("minds no indentation", async () => {
    const os = await transcript()
    const text = drawTimeline(os.log)
    expect(os).toMatchTimeline(text.replaceAll(/^/gm, "\t\t"))
    expect(os).toMatchTimeline(text.replaceAll("\n", "  \n\n"))
  })

  test("fails with both below each other, and a sign at what differs", async () => {
    const os = await transcript()
    const expected = drawing
      .replace("#---x", "#-----")
      .replace("748", "749")
      .replace(/\n *worker 4.*/, "")
    expect(messageOf(() => expect(os).toMatchTimeline(expected))).toMatchInlineSnapshot(`
      "The timeline is another (- expected, + as it is)

      - ms        |0   23 323 749 1_285 1_923
      + ms        |0   23 323 748 1_285 1_923
        worker 1  |.:::##################-
      - worker 2  |..:::#################-----
      + worker 2  |..:::#################---x
                                            ^^
        worker 3  |...:::#.:#_.:#_.:#____
      + worker 4  |                   .:#--
      "
    `)
  })

  test("fails with the orders that are missing, others, or too many", async () => {
    const os = await transcript()
    const options = { mostCommands: 2 }
    const expected = drawTimeline(os.log, options)
      .replace("worker 2 (#2): still there 1 s", "worker 2 (#2): still there 2 s")
      .replace(/ +27 .*\n/, "")
    const message = messageOf(() => expect(os).toMatchTimeline(expected, options))
    expect(message.slice(message.indexOf("event"))).toMatchInlineSnapshot(`
      "event     |1   5    10   15   20   25
        . booting  : starting  # ready  - stopping
        x killed   _ waiting   = done
        … 6 before these are left out
           26     3_067 ms  deadline reached
      -                     → kill worker 2 (#2): still there 2 s after it was to stop
      +                     → kill worker 2 (#2): still there 1 s after it was to stop
      +    27     3_068 ms  worker 2 (#2) was ended by SIGKILL
                            → finish with code 1: every worker has stopped, 1 of them with a failure
      "
    `)
  })

  test.each([
    ["another row", rows.replace("...:::", "..::::")],
    ["a row more", `${rows}  worker 5  |   .:#\n`],
    ["a row less", rows.replace(/ *worker 4.*\n/, "")],
    ["rows in another order", rows.split("\n").reverse().join("\n")],
  ])("fails for %s", async (_, expected) => {
    const os = await transcript()
    expect(os).not.toMatchTimeline(expected)
  })

  test("fails, negated, with what it was not to be", async () => {
    const os = await transcript()
    expect(messageOf(() => expect(os).not.toMatchTimeline(rows))).toBe(
      `The timeline was to be another than\n\n${rows.replaceAll(/^ {2}/gm, "").slice(1)}`,
    )
  })

  test.each(["", "hello", undefined])("refuses %j as a drawing, and shows one", async (given) => {
    const os = await transcript()
    const message = messageOf(() => expect(os).toMatchTimeline(given as string))
    expect(message).toContain(
      `Cannot match a timeline as the one that is expected must be a text with the row of a worker: current value is ${JSON.stringify(given)}; the timeline is\n\nms        |0`,
    )
  })

  test.each([
    [undefined, "undefined"],
    [{}, "an object"],
    ["rows", '"rows"'],
  ])("refuses to look for a timeline in %j", (received, shown) => {
    expect(() => expect(received).toMatchTimeline(rows)).toThrow(
      new TypeError(
        `Cannot match a timeline as it must be that of a fake platform or a log: current value is ${shown}`,
      ),
    )
  })

  test("refuses a platform on which nothing was supervised", () => {
    expect(() => expect({ log: [] }).toMatchTimeline(rows)).toThrow(
      "Cannot draw a timeline as a log must begin with its plan: current value is empty",
    )
  })
})
