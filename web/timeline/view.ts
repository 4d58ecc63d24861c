/**
 * Which part of a chart is seen, and where on the screen: a pure mapping between moments or events and pixels.
 */
import type { Chart, Span } from "./chart.ts"

/** What a pixel to the right means: later, or more events. */
export type Scale = "time" | "events"

/** The part of a chart that is seen. */
export interface View {
  readonly scale: Scale
  /** The moment in ms, or the number of the event, at the left edge. */
  readonly from: number
  /** The same at the right edge. */
  readonly to: number
}

/** From 50 ms on, and from 5 events on: closer there is nothing to see. */
const narrowest: { readonly [scale in Scale]: number } = { time: 50, events: 5 }

/** What a chart spans, with a little room at both ends. */
export function wholeOf({ events, untilAt = -Infinity }: Chart, scale: Scale): View {
  const first = events[0]?.at ?? 0
  const last = Math.max(events.at(-1)?.at ?? 0, untilAt)
  const [from, to] = scale === "time" ? [first, last] : [0, events.length]
  const room = Math.max((to - from) * 0.02, scale === "time" ? 10 : 0.5)
  return { scale, from: from - room, to: to + room }
}

/** The latest part of a chart: so many ms of it, or as many events as there are in them. */
export function latestOf(chart: Chart, scale: Scale, ms: number): View {
  const whole = wholeOf(chart, "time")
  const view: View = { scale: "time", from: Math.max(whole.from, whole.to - ms), to: whole.to }
  return rescaled(view, chart, scale)
}

/** Makes the view larger by a factor, around a place that stays where it is: 0 is the left edge, 1 the right one. */
export function zoomed(view: View, chart: Chart, factor: number, around: number): View {
  const whole = wholeOf(chart, view.scale)
  const most = whole.to - whole.from
  const span = Math.max(
    Math.min(narrowest[view.scale], most),
    Math.min(most, (view.to - view.from) * factor),
  )
  const pivot = view.from + (view.to - view.from) * around
  return within({ ...view, from: pivot - span * around, to: pivot + span * (1 - around) }, whole)
}

/** Moves the view by a share of its width. */
export function panned(view: View, chart: Chart, share: number): View {
  const by = (view.to - view.from) * share
  return within({ ...view, from: view.from + by, to: view.to + by }, wholeOf(chart, view.scale))
}

/** Moves the view as little as is needed to show an event. */
export function showing(view: View, chart: Chart, index: number): View {
  const at = positionOf(chart, view.scale, index)
  const margin = (view.to - view.from) * 0.1
  const by =
    at < view.from + margin
      ? at - view.from - margin
      : at > view.to - margin
        ? at - view.to + margin
        : 0
  return by === 0
    ? view
    : within({ ...view, from: view.from + by, to: view.to + by }, wholeOf(chart, view.scale))
}

/** The same part of a chart by the other scale. */
export function rescaled({ from, to, scale }: View, chart: Chart, next: Scale): View {
  if (scale === next) return { from, to, scale }
  const convert = (value: number): number =>
    next === "events" ? indexAt(chart, value) : momentOf(chart, value)
  const view = { scale: next, from: convert(from), to: convert(to) }
  return view.to - view.from < narrowest[next]
    ? zoomed({ ...view, to: view.from + narrowest[next] }, chart, 1, 0.5)
    : within(view, wholeOf(chart, next))
}

/** Where an event is, on its scale. */
export function positionOf({ events }: Chart, scale: Scale, index: number): number {
  return scale === "events" ? index + 0.5 : (events[index]?.at ?? 0)
}

/** The pixel of a position, from the left edge. */
export function pixelOf({ from, to }: View, width: number, position: number): number {
  return ((position - from) / (to - from)) * width
}

/** Where a span begins and ends, in pixels. Both may be outside. */
export function pixelsOf(view: View, width: number, span: Span): readonly [number, number] {
  const [from, to] =
    view.scale === "time" ? [span.fromAt, span.toAt] : [span.from + 0.5, span.to + 0.5]
  return [pixelOf(view, width, from), to === Infinity ? Infinity : pixelOf(view, width, to)]
}

/** The event nearest to a pixel; -1 if there is none. */
export function eventAt(chart: Chart, view: View, width: number, x: number): number {
  const { events } = chart
  if (events.length === 0) return -1
  const position = view.from + (x / width) * (view.to - view.from)
  if (view.scale === "events") {
    return Math.max(0, Math.min(events.length - 1, Math.floor(position)))
  }
  const after = firstAt(events, position)
  const before = after - 1
  if (before < 0) return 0
  if (after >= events.length) return events.length - 1
  const isNearer = position - (events[before]?.at ?? 0) < (events[after]?.at ?? 0) - position
  return isNearer ? before : after
}

/** The first event that is seen, and the one after the last. */
export function eventsIn({ events }: Chart, view: View): readonly [number, number] {
  if (view.scale === "events") {
    return [Math.max(0, Math.floor(view.from)), Math.min(events.length, Math.ceil(view.to))]
  }
  return [firstAt(events, view.from), firstAt(events, view.to)]
}

/** The first span of a lane that is seen, if any is. */
export function firstSpanIn(spans: readonly Span[], view: View): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const span = spans[middle]
    const end = view.scale === "time" ? span?.toAt : span?.to
    if ((end ?? 0) < view.from) low = middle + 1
    else high = middle
  }
  return low
}

function firstAt(events: Chart["events"], at: number): number {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

function indexAt({ events }: Chart, at: number): number {
  return firstAt(events, at)
}

function momentOf({ events }: Chart, index: number): number {
  const nearest = Math.max(0, Math.min(events.length - 1, Math.floor(index)))
  return events[nearest]?.at ?? 0
}

/** Never beyond the ends of the whole. */
function within(view: View, whole: View): View {
  const span = Math.min(view.to - view.from, whole.to - whole.from)
  const from = Math.max(whole.from, Math.min(view.from, whole.to - span))
  return { scale: view.scale, from, to: from + span }
}
