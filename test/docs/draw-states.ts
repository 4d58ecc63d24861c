/**
 * The states of a pool as a picture: a column for each number of actions that lead there, a dot for each state in the color
 * of what its worker is doing, and a line for each way from one to another. Light or dark, as its reader has it.
 */

/** A state to be drawn. */
export interface Dot {
  readonly number: number
  /** How many actions lead there at least. */
  readonly depth: number
  readonly doing: Doing
  /** The text under the pointer. */
  readonly text: string
  /** The numbers of the states that follow. */
  readonly next: readonly number[]
}

/** What the one worker is doing. */
export type Doing = keyof typeof colors

/** In light and in dark: those of the timelines. */
const colors = {
  unstarted: ["#fff", "#14181d"],
  booting: ["#d5dbe3", "#3a434e"],
  starting: ["#a9cdf0", "#1f5584"],
  ready: ["#2f9e5b", "#2b8a50"],
  stopping: ["#f2c14b", "#c18d12"],
  killed: ["#c7372f", "#d9534b"],
  waiting: ["#fff", "#14181d"],
  done: ["#1c2127", "#e4e8ec"],
} as const

const doings = Object.keys(colors) as Doing[]
const [left, top, columnWidth, rowHeight, radius] = [40, 64, 88, 21, 6]

function styleOf(shade: 0 | 1): string {
  const [paper, ink, dim, line] = [
    ["#fff", "#1c2127", "#69737e", "#8b96a3"],
    ["#14181d", "#e4e8ec", "#95a0ab", "#6d7884"],
  ][shade] as string[]
  const fills = doings.map((doing) => `.${doing}{fill:${colors[doing][shade]}}`)
  return `.paper{fill:${paper}}text{fill:${ink}}.dim{fill:${dim}}path{stroke:${line}}circle{stroke:${dim}}${fills.join("")}`
}

const style = `text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}.bold{font-weight:bold}.mid{text-anchor:middle}path{fill:none;stroke-opacity:.45}.back{stroke-opacity:.3;stroke-dasharray:2 3}.waiting{stroke-dasharray:2 2}`

/** Draws them. @returns the text of an SVG. */
export function drawStates(title: string, dots: readonly Dot[]): string {
  const columns = columnsOf(dots)
  const rows = Math.max(...columns.map((column) => column.length))
  const places = new Map(
    columns.flatMap((column, index) =>
      column.map((dot, row): [number, Place] => {
        const y = top + (row + (rows - column.length) / 2 + 0.5) * rowHeight
        return [dot.number, { x: left + index * columnWidth, y, column: index }]
      }),
    ),
  )
  const place = (number: number): Place => places.get(number) ?? { x: 0, y: 0, column: 0 }
  const lines = dots.flatMap(({ number, next }) =>
    next.map((other) => lineBetween(place(number), place(other))),
  )
  const heads = columns.map((_, index) => {
    const text = index === columns.length - 1 ? "the end" : `${index}`
    return `<text x="${left + index * columnWidth}" y="${top - 8}" class="dim mid">${text}</text>`
  })
  const circles = dots.map(({ number, doing, text }) => {
    const { x, y } = place(number)
    return `<circle cx="${x}" cy="${y}" r="${radius}" class="${doing}"><title>${escaped(text)}</title></circle>`
  })
  const bottom = top + rows * rowHeight + 30
  let x = left - radius
  const legend = doings
    .filter((doing) => dots.some((dot) => dot.doing === doing))
    .map((doing) => {
      const entry = `<circle cx="${x + radius}" cy="${bottom - 4}" r="${radius}" class="${doing}"/><text x="${x + 18}" y="${bottom}">${doing}</text>`
      x += 18 + (doing.length + 2) * 7.23
      return entry
    })
  const [width, height] = [2 * left + (columns.length - 1) * columnWidth, bottom + 20]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><style>${style}${styleOf(0)}@media(prefers-color-scheme:dark){${styleOf(1)}}</style><rect class="paper" width="${width}" height="${height}"/>
<text x="${left - radius}" y="24" class="bold">${escaped(title)}</text>
${[...heads, ...lines, ...circles, ...legend].join("\n")}
</svg>
`
}

interface Place {
  readonly x: number
  readonly y: number
  readonly column: number
}

/** By depth, and the ends in a column of their own; in each, a state is near the states that lead to it. */
function columnsOf(dots: readonly Dot[]): readonly (readonly Dot[])[] {
  const most = Math.max(...dots.map(({ depth }) => depth))
  const columns = Array.from({ length: most + 2 }, (_, index) =>
    dots.filter(({ depth, next }) => (next.length === 0 ? most + 1 : depth) === index),
  )
  const heights = new Map<number, number>()
  return columns.map((column) => {
    const middle = new Map(column.map((dot) => [dot, middleOf(dot, dots, heights)]))
    const sorted = column.toSorted(
      (one, other) =>
        doings.indexOf(one.doing) - doings.indexOf(other.doing) ||
        (middle.get(one) ?? 0) - (middle.get(other) ?? 0) ||
        one.number - other.number,
    )
    for (const [row, { number }] of sorted.entries()) heights.set(number, row - sorted.length / 2)
    return sorted
  })
}

/** The middle of the states that lead to one, as far as they have a place. */
function middleOf(
  { number }: Dot,
  dots: readonly Dot[],
  heights: ReadonlyMap<number, number>,
): number {
  const before = dots.flatMap((dot) => {
    const height = heights.get(dot.number)
    return dot.next.includes(number) && height !== undefined ? height : []
  })
  return before.reduce((sum, height) => sum + height, 0) / Math.max(1, before.length)
}

/** A line to the right, or a bow back. */
function lineBetween(from: Place, to: Place): string {
  if (to.column > from.column) {
    const bend = (to.x - from.x) / 2
    return `<path d="M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}"/>`
  }
  const bend = 30 + 4 * (from.column - to.column)
  return `<path class="back" d="M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x + bend} ${to.y} ${to.x} ${to.y}"/>`
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
}
