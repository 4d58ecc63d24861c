/**
 * A timeline as a picture, for a file: the same rows and columns as the text, in colors, with the commands and their reasons below. The
 * file needs nothing else, and is light or dark like its reader's settings. What is shown of a long log is chosen in excerpt.ts.
 */
import type { LogEntry } from "../../platform/log-entry.ts"
import { colors } from "./colors.ts"
import { text } from "../../core/plan/forms.ts"
import { excerptOf, type ExcerptOptions, type NumberedColumn } from "./excerpt.ts"
import { leftOut, timeOf, wrapped } from "./lines.ts"
import type { TranscriptEntry } from "../../platform/fake/transcript.ts"
import type { Doing } from "./timeline.ts"

/** How a timeline is drawn as a picture. */
export interface DrawSvgOptions extends ExcerptOptions {
  /** A title above the picture, such as the violation. Default: none. */
  readonly title?: string | undefined
}

const papers: { readonly [theme in "light" | "dark"]: readonly string[] } = {
  light: ["#fff", "#1c2127", "#69737e", "#dfe3e8", "#d6006c"],
  dark: ["#14181d", "#e4e8ec", "#95a0ab", "#2c333b", "#ff5fa8"],
}

const doings = Object.keys(colors) as Exclude<Doing, "nothing">[]

function styleOf(theme: "light" | "dark"): string {
  const [paper, ink, dim, line, violation] = papers[theme]
  const fills = doings.map((doing) => {
    const [fill, text] = colors[doing][theme]
    return `.${doing} rect{fill:${fill}}.${doing} text{fill:${text}}`
  })
  return `.paper{fill:${paper}}text{fill:${ink}}.dim{fill:${dim}}path{stroke:${line}}.waiting rect{stroke:${dim}}${fills.join("")}.wrong{fill:${violation}}.moment{stroke:${violation}}`
}

const style = `text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}.end{text-anchor:end}.mid text{text-anchor:middle}.bold{font-weight:bold}path{fill:none}.waiting rect{stroke-dasharray:3 2}.moment{fill:none;stroke-width:2}.event{fill-opacity:0}.event:hover{fill:#888;fill-opacity:.3}`

const [margin, label, rowHeight, barHeight, lineHeight, charWidth] = [16, 84, 26, 20, 18, 7.23]

/** Room for the moment of the last column. */
const lastLabel = 28

/** How wide the text below is at least. */
const leastWidth = 760

/**
 * Draws a log as an SVG: a row for each slot, a column for each event, a mark at the violation, and the commands with their
 * reasons below. In a browser, the event of a column appears under the pointer.
 *
 * @returns the text of the file.
 * @throws {TypeError} if the log is no array, or does not begin with its plan.
 * @throws {RangeError} if an option is out of range.
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs"
 * import kamisama from "kamisama"
 * import { drawTimelineSvg, fakePlatform } from "kamisama/fake"
 *
 * const os = fakePlatform({ workers: { dies: { after: 300 } } })
 * kamisama({ workers: 3, run: () => undefined, platform: os, log: "silent" })
 * await os.advance(3_000)
 * writeFileSync("timeline.svg", drawTimelineSvg(os.log, { title: "three that crash" }))
 * ```
 */
export function drawTimelineSvg(log: readonly LogEntry[], options: DrawSvgOptions = {}): string {
  return drawEntriesSvg(log, options)
}

/** The same for a log with notes. @internal */
export function drawEntriesSvg(
  log: readonly TranscriptEntry[],
  options: DrawSvgOptions = {},
): string {
  const { columns, rows, described, omitted } = excerptOf(log, options, "drawTimelineSvg", {
    title: text("a text"),
  })
  const cell = Math.max(7, Math.min(44, Math.floor(960 / Math.max(1, columns.length))))
  const width = Math.max(leastWidth, label + columns.length * cell)
  const most = Math.floor(width / charWidth)
  const parts: string[] = []
  let y = margin

  function write(x: number, text: string, name = ""): void {
    const named = name === "" ? "" : ` class="${name}"`
    parts.push(`<text x="${round(x)}" y="${y}"${named}>${escaped(text)}</text>`)
  }
  function writeLines(lines: readonly string[], name: string): void {
    for (const line of lines) {
      y += lineHeight
      write(0, line, name)
    }
  }
  /** Writes labels at their columns, as far as there is room. */
  function ruler(labels: readonly string[]): void {
    let free = 0
    for (const [index, text] of labels.entries()) {
      const x = label + index * cell
      if (text === "" || x < free) continue
      write(x, text, "dim")
      free = x + (text.length + 1.5) * charWidth
    }
  }

  writeLines(
    wrapped(options.title ?? "", most).filter((line) => line !== ""),
    "bold",
  )
  writeLines(leftOut((columns[0]?.number ?? 1) - 1, "events "), "dim")
  if (columns.length === 0) writeLines(["nothing has happened yet"], "dim")

  y += lineHeight + (y === margin ? 0 : 6)
  write(0, "ms", "dim")
  const isLater = columns.map(({ at }, index) => at !== columns[index - 1]?.at)
  ruler(columns.map(({ at }, index) => (isLater[index] === true ? timeOf(at) : "")))
  const top = y + 6
  const height = rows.length * rowHeight
  const ticks = columns.flatMap((_, index) =>
    isLater[index] === true ? [`M${label + index * cell + 0.5} ${top}v${height}`] : [],
  )
  parts.push(`<path d="${ticks.join("")}"/>`)
  for (const [row, name] of rows.entries()) {
    y = top + row * rowHeight + 17
    write(0, name)
    parts.push(...barsOf(columns, row, cell, y - 14))
  }
  y = top + height + 14
  write(0, "event", "dim")
  ruler(
    columns.map(({ number }, index) =>
      index === 0 || number % (cell < 30 ? 5 : 1) === 0 ? `${number}` : "",
    ),
  )
  for (const [index, column] of columns.entries()) {
    const box = `x="${label + index * cell}" y="${top}" width="${cell}" height="${height}"`
    if (column.isMarked) {
      const isLeft = index > columns.length / 2
      y += lineHeight
      write(
        label + (index + (isLeft ? 1 : 0)) * cell,
        isLeft ? "here it goes wrong ▲" : "▲ here it goes wrong",
        `wrong bold${isLeft ? " end" : ""}`,
      )
      parts.push(`<rect class="moment" rx="2" ${box}/>`)
    }
    const text = [`${column.number}: ${timeOf(column.at)} ms, ${column.fact}`, ...arrowed(column)]
    parts.push(`<rect class="event" ${box}><title>${escaped(text.join("\n"))}</title></rect>`)
  }

  y += 30
  let x = 0
  for (const doing of doings.filter((doing) =>
    columns.some((column) => column.doings.includes(doing)),
  )) {
    parts.push(
      `<g class="${doing}"><rect x="${x + 0.5}" y="${y - 11.5}" width="18" height="14" rx="2"/></g>`,
    )
    write(x + 24, doing)
    x += 24 + (doing.length + 2) * charWidth
  }
  y += 10

  if (options.mostCommands !== 0) writeLines(leftOut(omitted), "dim")
  for (const column of described) {
    const name = column.isMarked ? "wrong bold" : ""
    y += lineHeight + 4
    write(32, `${column.number}`, `end ${column.isMarked ? name : "dim"}`)
    write(124, `${timeOf(column.at)} ms`, `end ${name}`.trim())
    for (const [index, text] of [column.fact, ...arrowed(column)].entries()) {
      for (const [nth, line] of wrapped(text, most - 20).entries()) {
        if (index + nth > 0) y += lineHeight
        write(nth === 0 ? 140 : 154, line.trim(), index === 0 ? name : "")
      }
    }
  }

  const [w, h] = [width + 2 * margin + lastLabel, y + margin]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="${-margin} 0 ${w} ${h}"><style>${style}${styleOf("light")}@media(prefers-color-scheme:dark){${styleOf("dark")}}</style><rect class="paper" x="${-margin}" width="${w}" height="${h}"/>
${parts.join("\n")}
</svg>
`
}

/** Bars for what a slot does, each as long as it does the same. The marked column has its own bar. */
function barsOf(
  columns: readonly NumberedColumn[],
  row: number,
  cell: number,
  y: number,
): string[] {
  const bars: string[] = []
  const all = columns.map(({ doings }) => doings[row] ?? "nothing")
  for (let from = 0, to = 0; from < columns.length; from = to) {
    const doing = all[from] as Doing
    to = columns.findIndex(
      ({ isMarked }, index) => index > from && (isMarked || all[index] !== doing),
    )
    if (to === -1) to = columns.length
    if (doing === "nothing") continue
    const [x, width] = [label + from * cell, (to - from) * cell]
    const text =
      width < (doing.length + 1) * charWidth
        ? ""
        : `<text x="${x + width / 2}" y="${y + 14}">${doing}</text>`
    bars.push(
      `<g class="mid ${doing}"><rect x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${barHeight - 1}" rx="2"/>${text}</g>`,
    )
  }
  return bars
}

function arrowed({ commands }: NumberedColumn): string[] {
  return commands.map((command) => `→ ${command}`)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** Only characters that a document may have: an error of the operating system may hold any. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/(?!\n)[\p{Cc}\p{Cs}\ufffe\uffff]/gu, "\ufffd")
}
