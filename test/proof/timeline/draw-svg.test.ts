import { describe, expect, test } from "vitest"
import { drawTimeline, drawTimelineSvg, type LogEntry } from "../../../src/fake.ts"
import { randomLogs, transcript } from "./stories.ts"

/** Where the columns begin. */
const label = 84

/** The tags that are not closed, or closed where they are not open: none in a document that is well formed. */
function looseTags(svg: string): string[] {
  const open: string[] = []
  const loose: string[] = []
  for (const [tag, slash, name = "", empty] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
    if (slash === "/") {
      if (open.pop() !== name) loose.push(tag)
    } else if (empty === "") open.push(name)
  }
  return [...loose, ...open]
}

/** How many bars the text has: runs of the same sign in the rows of the workers. */
function runsIn(text: string): number {
  const rows = text.split("\n").filter((line) => line.startsWith("worker"))
  return rows.reduce((sum, row) => sum + (row.slice(11).match(/([^ ])\1*/g) ?? []).length, 0)
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

describe("drawTimelineSvg()", () => {
  test("has the rows, bars, moments, commands and reasons of the text", async () => {
    const { log } = await transcript()
    const svg = drawTimelineSvg(log)
    const text = drawTimeline(log, { width: Infinity })
    expect([...svg.matchAll(/>(worker \d+)</g)].map(([, row]) => row)).toEqual(
      [1, 2, 3, 4].map((id) => `worker ${id}`),
    )
    expect(count(svg, '<g class="mid ')).toBe(runsIn(text))
    expect(count(svg, 'class="event"')).toBe(27)
    for (const moment of ["0", "323", "748", "1_911", "2_067", "3_067"]) {
      expect(svg).toContain(`class="dim">${moment}</text>`)
    }
    for (const [, command] of text.matchAll(/(→ .*)/g)) expect(svg).toContain(`>${command}</text>`)
    expect(svg).not.toContain("here it goes wrong")
    expect(svg).not.toContain('class="moment"')
  })

  test("is the picture in the documentation", async () => {
    const { log } = await transcript()
    const svg = drawTimelineSvg(log, { mark: log.length, title: "it gave up", mostCommands: 5 })
    await expect(svg).toMatchFileSnapshot("../../../docs/timeline.svg")
  })

  test("marks the same column as the text, and describes it at the pointer", async () => {
    const { log } = await transcript()
    for (const mark of [5, 40, log.length]) {
      const marks = drawTimeline(log, { mark, width: Infinity })
        .split("\n")
        .find((line) => /^ +\| *\^$/.test(line))
      const column = (marks ?? "").indexOf("^") - 11
      const svg = drawTimelineSvg(log, { mark })
      const columns = count(svg, 'class="event"')
      const cell = Math.min(44, Math.floor(960 / columns))
      expect(columns).toBe(column + 1)
      expect(svg).toContain(`<rect class="moment" rx="2" x="${label + column * cell}"`)
      expect(count(svg, "here it goes wrong")).toBe(1)
      expect(svg).toContain(`<title>${column + 1}: `)
    }
  })

  test("needs no other file, and has colors for light and dark", async () => {
    const svg = drawTimelineSvg((await transcript()).log)
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
      /https?:|<script|href|url\(|@import|@font-face|<image/,
    )
    expect(svg).toContain("@media(prefers-color-scheme:dark)")
    const fills = [...svg.matchAll(/\.paper\{fill:(#\w+)\}/g)].map(([, fill]) => fill)
    expect(fills).toEqual(["#fff", "#14181d"])
  })

  test("is well formed, and no text reaches beyond its edge, whatever happens", () => {
    for (const log of randomLogs(60)) {
      const svg = drawTimelineSvg(log, { title: "too long a title ".repeat(20) })
      expect(looseTags(svg)).toEqual([])
      expect(count(svg, '<g class="mid ')).toBe(runsIn(drawTimeline(log, { width: Infinity })))
      const width = Number(/^<svg [^>]* width="(\d+)"/.exec(svg)?.[1])
      for (const [, x, name, text = ""] of svg.matchAll(
        /<text x="([\d.]+)" y="[\d.]+"(?: class="([^"]*)")?>([^<]*)<\/text>/g,
      )) {
        if (/end/.test(name ?? "")) continue
        const length = text.replaceAll(/&\w+;/g, "&").length
        if (/^\w+$/.test(text) && name === undefined && text.length < 9) continue
        expect(Number(x) + length * 7.2).toBeLessThanOrEqual(width - 16)
      }
    }
  })

  test("shows what an operating system says, and a title, as they are", async () => {
    const [plan] = (await transcript()).log
    const worker = { slot: 1, incarnation: 1 }
    const error = "<a & b>\u0007\ud800"
    const log: LogEntry[] = [
      ...(plan === undefined ? [] : [plan]),
      { kind: "event", event: { type: "fork-failed", worker, error, at: 0 } },
    ]
    const svg = drawTimelineSvg(log, { mark: 1, title: 'rule <1> & "2"' })
    expect(svg).toContain(">fork of worker 1 (#1) failed: &lt;a &amp; b>\\x07\ufffd</text>")
    expect(svg).toContain('class="bold">rule &lt;1> &amp; "2"</text>')
    expect(looseTags(svg.replaceAll(/(?<=[b1])>/g, ""))).toEqual([])
  })

  test("leaves out what is long before the end", async () => {
    const svg = drawTimelineSvg((await transcript()).log, { mostColumns: 5, mostCommands: 1 })
    expect(svg).toContain("… 22 events before these are left out")
    expect(count(svg, 'class="event"')).toBe(5)
    expect(svg).toMatch(/>… \d+ before these are left out</)
  })

  test("lists no commands if none are asked for", async () => {
    const svg = drawTimelineSvg((await transcript()).log, { mostCommands: 0 })
    expect(svg).not.toContain(">→")
    expect(svg).not.toContain("left out")
  })

  test("says so if nothing has happened", async () => {
    const svg = drawTimelineSvg((await transcript()).log.slice(0, 1))
    expect(svg).toContain(">nothing has happened yet</text>")
    expect(looseTags(svg)).toEqual([])
  })
})
