/**
 * Paints the part of a chart that is seen on a canvas. What is too narrow to be seen is left out, so that ten thousand events cost
 * no more than the pixels that they have.
 */
import type { Chart, Doing, Order, Row } from "./chart.ts"
import { looks, type Paper, type Pattern } from "./palette.ts"
import { ticksOf } from "./ruler.ts"
import { eventsIn, firstSpanIn, pixelOf, pixelsOf, positionOf, type View } from "./view.ts"

/** In CSS pixels. */
const [ruler, lane, between, names, charWidth] = [28, 20, 8, 92, 7.3]

/** The room that names take at the left. */
export const namesWidth = names

/** What is painted. */
export interface Scene {
  readonly chart: Chart
  readonly view: View
  /** In CSS pixels, with the names. */
  readonly width: number
  readonly theme: "light" | "dark"
  readonly paper: Paper
  /** The chosen event; -1 for none. */
  readonly chosen: number
  /** The event under the pointer; -1 for none. */
  readonly pointed: number
  /** The event at which it goes wrong; -1 for none. */
  readonly wrong: number
  /** The moment that counts as 0, and what a moment from there on is called. */
  readonly zero: Zero
}

/** The moment that counts as 0, and what a moment from there on is called. */
export interface Zero {
  readonly at: number
  readonly text: (ms: number) => string
}

/** What a sign means. */
interface Sign {
  readonly order: Order
  readonly text: string
}

const signOf = (type: Order["type"], text: string): Sign => ({
  order: { type, text: "", slot: null, lane: 0 },
  text,
})

const signs: readonly Sign[] = [
  signOf("fork-worker", "forked"),
  signOf("stop-worker", "told to stop"),
  signOf("kill-worker", "killed"),
  signOf("announce-stop", "other orders"),
]

/** How high a chart of a width is, in CSS pixels. */
export function heightOf(chart: Chart, width: number): number {
  return heightOfRows(chart) + legendOf(chart, width).height
}

function heightOfRows({ rows }: Chart): number {
  return ruler + rows.reduce((sum, row) => sum + heightOfRow(row), 0) + 6
}

/** Where the legend has what, from its top on. */
function legendOf(
  { doings }: Chart,
  width: number,
): {
  readonly height: number
  readonly places: readonly (readonly [what: Doing | Sign, x: number, y: number])[]
} {
  const [line, swatch] = [22, 24]
  let [x, y] = [8, 6]
  const places = [...doings, ...(doings.size === 0 ? [] : signs)].map((what) => {
    const wide = swatch + ((typeof what === "string" ? what : what.text).length + 2) * charWidth
    if (x + wide > width && x > 8) [x, y] = [8, y + line]
    const place = [what, x, y] as const
    x += wide
    return place
  })
  return { height: places.length === 0 ? 0 : y + line, places }
}

function heightOfRow({ lanes }: Row): number {
  return Math.max(1, lanes.length) * lane + between
}

export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { chart, width, paper } = scene
  const height = heightOfRows(chart)
  context.fillStyle = paper.background
  context.fillRect(0, 0, width, heightOf(chart, width))
  context.font = "12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
  context.textBaseline = "middle"
  paintRuler(context, scene, height)
  let top = ruler
  for (const row of chart.rows) {
    paintRow(context, scene, row, top)
    top += heightOfRow(row)
  }
  context.save()
  context.beginPath()
  context.rect(names, 0, width - names, height)
  context.clip()
  paintOrders(context, scene)
  for (const [index, color, thickness] of [
    [scene.pointed, paper.dim, 1],
    [scene.wrong, paper.wrong, 2],
    [scene.chosen, paper.accent, 2],
  ] as const) {
    if (index >= 0) paintMoment(context, scene, index, color, thickness, height)
  }
  context.restore()
  for (const [what, x, y] of legendOf(chart, width).places) {
    context.fillStyle = paper.ink
    context.strokeStyle = paper.ink
    if (typeof what === "string") paintSpan(context, what, scene.theme, [x, height + y, 18, 14])
    else paintSign(context, what.order, x + 9, height + y + 9)
    context.fillStyle = paper.ink
    context.fillText(typeof what === "string" ? what : what.text, x + 24, height + y + 7.5)
  }
}

function paintRuler(context: CanvasRenderingContext2D, scene: Scene, height: number): void {
  const { view, width, paper } = scene
  const inner = width - names
  const isTime = view.scale === "time"
  const zero = isTime ? scene.zero.at : 0
  const ticks = ticksOf(view.from - zero, view.to - zero, inner)
  context.fillStyle = paper.dim
  context.fillText(isTime ? "time" : "event", 8, ruler / 2)
  context.strokeStyle = paper.line
  context.beginPath()
  for (const tick of ticks) {
    const x = Math.round(names + pixelOf(view, inner, tick + zero)) + 0.5
    if (x < names) continue
    context.moveTo(x, ruler - 6)
    context.lineTo(x, height)
    const text = isTime ? scene.zero.text(tick) : String(tick + 1)
    if (x + context.measureText(text).width < width) context.fillText(text, x + 4, ruler / 2)
  }
  context.stroke()
}

function paintRow(context: CanvasRenderingContext2D, scene: Scene, row: Row, top: number): void {
  const { view, width, paper, theme } = scene
  const inner = width - names
  context.fillStyle = paper.ink
  context.fillText(row.name, 8, top + between / 2 + lane / 2)
  context.save()
  context.beginPath()
  context.rect(names, top, inner, heightOfRow(row))
  context.clip()
  for (const [number, spans] of row.lanes.entries()) {
    const y = top + between / 2 + number * lane
    let painted = -1
    for (let index = firstSpanIn(spans, view); index < spans.length; index += 1) {
      const span = spans[index]
      if (span === undefined) break
      const [from, to] = pixelsOf(view, inner, span)
      if (from > inner) break
      // Of what shares a pixel, the first is shown.
      if (to - painted < 0.75 && to < inner) continue
      const left = Math.max(-4, from)
      const right = Math.min(inner + 4, Math.max(to, from + 1))
      // A gap, so that two spans of one kind are two.
      const gap = right - left > 3 ? 1 : 0
      paintSpan(context, span.doing, theme, [names + left, y, right - left - gap, lane - 2])
      painted = to
    }
  }
  context.restore()
}

type Box = readonly [x: number, y: number, width: number, height: number]

function paintSpan(
  context: CanvasRenderingContext2D,
  doing: Doing,
  theme: Scene["theme"],
  [x, y, width, height]: Box,
): void {
  const {
    pattern,
    [theme]: [fill, ink],
  } = looks[doing]
  context.fillStyle = fill
  context.fillRect(x, y, width, height)
  if (width < 3) return
  const texture = textureOf(context, pattern, ink)
  if (texture !== null) {
    context.globalAlpha = 0.35
    context.fillStyle = texture
    context.fillRect(x, y, width, height)
    context.globalAlpha = 1
  }
  if (pattern === "empty") {
    context.strokeStyle = ink
    context.setLineDash([3, 2])
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1)
    context.setLineDash([])
  }
  const textWidth = context.measureText(doing).width
  if (textWidth + 10 > width) return
  // Patterns would make the text hard to read.
  context.fillStyle = fill
  if (pattern !== "plain" && pattern !== "empty")
    context.fillRect(x + 4, y + 2, textWidth + 6, height - 4)
  context.fillStyle = ink
  context.fillText(doing, Math.max(names + 6, x + 7), y + height / 2 + 0.5)
}

const textures = new Map<string, CanvasPattern | null>()

/** A pattern of a few pixels, in the color of the text. */
function textureOf(
  context: CanvasRenderingContext2D,
  pattern: Pattern,
  ink: string,
): CanvasPattern | null {
  if (pattern === "plain" || pattern === "empty") return null
  const key = `${pattern} ${ink}`
  const known = textures.get(key)
  if (known !== undefined) return known
  const size = 8
  const tile = new OffscreenCanvas(size, size)
  const drawing = tile.getContext("2d")
  if (drawing === null) return null
  drawing.strokeStyle = ink
  drawing.fillStyle = ink
  drawing.lineWidth = 1.5
  for (const line of linesOf(pattern, size)) {
    drawing.beginPath()
    drawing.moveTo(line[0], line[1])
    drawing.lineTo(line[2], line[3])
    drawing.stroke()
  }
  if (pattern === "dotted") {
    drawing.fillRect(1, 1, 2, 2)
    drawing.fillRect(5, 5, 2, 2)
  }
  const texture = context.createPattern(tile, "repeat")
  textures.set(key, texture)
  return texture
}

function linesOf(pattern: Pattern, size: number): readonly Box[] {
  const [half, over] = [size / 2, size + 2]
  const rising: readonly Box[] = [
    [-2, 2, 2, -2],
    [-2, over, over, -2],
    [size - 2, over, over, size - 2],
  ]
  const falling: readonly Box[] = rising.map(([x, y, toX, toY]) => [size - x, y, size - toX, toY])
  switch (pattern) {
    case "rising":
      return rising
    case "falling":
      return falling
    case "crossed":
      return [...rising, ...falling]
    case "level":
      return [[0, half, size, half]]
    case "upright":
      return [[half, 0, half, size]]
    default:
      return []
  }
}

/** An event that led to orders has a tick at its lanes: up for a fork, down for a stop, a cross for a kill. */
function paintOrders(context: CanvasRenderingContext2D, scene: Scene): void {
  const { chart, view, width, paper } = scene
  const inner = width - names
  const tops = new Map<number | null, number>()
  let top = ruler
  for (const row of chart.rows) {
    tops.set(row.slot, top)
    top += heightOfRow(row)
  }
  const [first, last] = eventsIn(chart, view)
  if (last - first > inner / 3) return
  context.lineWidth = 1.5
  context.strokeStyle = paper.ink
  context.fillStyle = paper.ink
  for (let index = first; index < last; index += 1) {
    const event = chart.events[index]
    if (event === undefined) continue
    const x = names + pixelOf(view, inner, positionOf(chart, view.scale, index))
    for (const order of event.orders) {
      const y = (tops.get(order.slot) ?? ruler) + between / 2 + order.lane * lane
      paintSign(context, order, x, y)
    }
  }
  context.lineWidth = 1
}

function paintSign(context: CanvasRenderingContext2D, { type }: Order, x: number, y: number): void {
  context.beginPath()
  switch (type) {
    case "fork-worker":
      context.moveTo(x - 4, y + 1)
      context.lineTo(x + 4, y + 1)
      context.lineTo(x, y - 6)
      return context.fill()
    case "stop-worker":
      context.moveTo(x - 4, y - 5)
      context.lineTo(x + 4, y - 5)
      context.lineTo(x, y + 2)
      return context.fill()
    case "kill-worker":
      context.moveTo(x - 4, y - 6)
      context.lineTo(x + 4, y + 2)
      context.moveTo(x + 4, y - 6)
      context.lineTo(x - 4, y + 2)
      return context.stroke()
    case "run-worker":
      return
    default:
      context.arc(x, y - 2, 3, 0, 2 * Math.PI)
      return context.fill()
  }
}

function paintMoment(
  context: CanvasRenderingContext2D,
  { chart, view, width }: Scene,
  index: number,
  color: string,
  thickness: number,
  height: number,
): void {
  const x = Math.round(names + pixelOf(view, width - names, positionOf(chart, view.scale, index)))
  context.strokeStyle = color
  context.lineWidth = thickness
  context.beginPath()
  context.moveTo(x + 0.5, 4)
  context.lineTo(x + 0.5, height)
  context.stroke()
  context.lineWidth = 1
}
