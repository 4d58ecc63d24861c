/**
 * `<kamisama-timeline>`: shows a chart. The wheel zooms, dragging moves, a click chooses the nearest event. By keyboard: the arrows go
 * from event to event, + and − zoom, 0 shows all, T changes the scale. It is a slider for screen readers: its value is the chosen
 * event, in words.
 */
import { type Chart, type ChartEvent, emptyChart } from "./chart.ts"
import { heightOf, namesWidth, paint, type Zero } from "./paint.ts"
import { papers } from "./palette.ts"
import { clockText, momentText } from "./ruler.ts"
import {
  eventAt,
  latestOf,
  panned,
  rescaled,
  type Scale,
  showing,
  type View,
  wholeOf,
  zoomed,
} from "./view.ts"

const styles = `:host{display:block;position:relative;font:14px/1.4 system-ui,sans-serif}
canvas{display:block;width:100%;touch-action:pan-y;cursor:crosshair;outline-offset:2px;border-radius:4px}
canvas:focus-visible{outline:2px solid #0b5cad}
.tools{display:flex;gap:4px;flex-wrap:wrap;justify-content:flex-end;margin-bottom:4px}
button{font:inherit;min-width:32px;min-height:28px;padding:2px 8px;border:1px solid #8b96a3;border-radius:4px;background:transparent;color:inherit;cursor:pointer}
button:focus-visible{outline:2px solid #0b5cad;outline-offset:1px}
.tip{position:absolute;z-index:2;max-width:min(460px,90%);padding:6px 9px;border-radius:4px;background:#1c2127;color:#fff;font-size:13px;pointer-events:none;white-space:pre-line;overflow-wrap:anywhere}
[hidden]{display:none}`

/** How much of the view one press of a button or a key moves or zooms. */
const [zoomStep, wheelStep] = [1.5, 1.0015]

/** What the element tells: the number of the chosen event, from 0 on. */
export type ChosenEvent = CustomEvent<number>

export class TimelineElement extends HTMLElement {
  #chart: Chart = emptyChart
  #view: View = { scale: "time", from: 0, to: 1 }
  #chosen = -1
  #pointed = -1
  #wrong = -1
  /** How much of the end is followed as the chart grows, in ms; Infinity for all. Undefined if the view stays where it is. */
  #followedMs: number | undefined = Infinity
  #epochOfZero: number | undefined
  #isDue = false
  readonly #canvas: HTMLCanvasElement
  readonly #tip: HTMLElement
  readonly #scaleButton: HTMLButtonElement
  readonly #dark = matchMedia("(prefers-color-scheme: dark)")
  readonly #resized = new ResizeObserver(() => this.#paintSoon())
  readonly #themed = new MutationObserver(() => this.#paintSoon())
  readonly #paintSoon = (): void => {
    if (this.#isDue) return
    this.#isDue = true
    requestAnimationFrame(() => {
      this.#isDue = false
      this.#paint()
    })
  }

  constructor() {
    super()
    const root = this.attachShadow({ mode: "open" })
    // A page that allows no styles but its own allows these.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
    const tools = document.createElement("div")
    tools.className = "tools"
    this.#canvas = document.createElement("canvas")
    this.#canvas.tabIndex = 0
    this.#canvas.setAttribute("role", "slider")
    this.#canvas.setAttribute("aria-label", "timeline, by event")
    this.#tip = document.createElement("div")
    this.#tip.className = "tip"
    this.#tip.hidden = true
    this.#tip.setAttribute("aria-hidden", "true")
    this.#scaleButton = buttonOf("By event", () => this.setScale(this.#otherScale))
    tools.append(
      this.#scaleButton,
      buttonOf("−", () => this.#zoom(zoomStep, this.#chosenShare), "Zoom out"),
      buttonOf("+", () => this.#zoom(1 / zoomStep, this.#chosenShare), "Zoom in"),
      buttonOf("All", () => this.follow(Infinity)),
    )
    root.append(tools, this.#canvas, this.#tip)
    this.#listen()
  }

  connectedCallback(): void {
    this.#resized.observe(this)
    this.#dark.addEventListener("change", this.#paintSoon)
    // A page may have its own switch.
    this.#themed.observe(document.documentElement, { attributeFilter: ["class", "style"] })
    this.#paintSoon()
  }

  disconnectedCallback(): void {
    this.#resized.disconnect()
    this.#themed.disconnect()
    this.#dark.removeEventListener("change", this.#paintSoon)
  }

  get chart(): Chart {
    return this.#chart
  }

  /** Shows another chart, and all of it. */
  set chart(chart: Chart) {
    this.#chart = chart
    this.#chosen = Math.min(this.#chosen, chart.events.length - 1)
    this.follow(Infinity)
  }

  /** Shows the same chart, which has grown. @param lost how many of its first events it has lost. */
  grown(chart: Chart, lost = 0): void {
    this.#chart = chart
    if (this.#chosen >= 0) this.#chosen = Math.max(0, this.#chosen - lost)
    if (this.#followedMs !== undefined) this.follow(this.#followedMs)
    this.#paintSoon()
  }

  /** Lets moments have the time of the day. @param epochOfZero when the clock of the chart was 0, in ms since the epoch. */
  showClock(epochOfZero: number): void {
    this.#epochOfZero = epochOfZero - new Date().getTimezoneOffset() * 60_000
    this.#paintSoon()
  }

  get chosen(): number {
    return this.#chosen
  }

  /** Chooses an event, and shows it. */
  set chosen(index: number) {
    if (this.#chart.events.length === 0) return
    this.#chosen = Math.max(0, Math.min(this.#chart.events.length - 1, index))
    this.#view = showing(this.#view, this.#chart, this.#chosen)
    this.#paintSoon()
  }

  /** The event at which it goes wrong; -1 for none. */
  set wrong(index: number) {
    this.#wrong = index
    this.#paintSoon()
  }

  get view(): View {
    return this.#view
  }

  /** What is seen, as a picture. */
  toBlob(take: (blob: Blob) => void): void {
    this.#canvas.toBlob((blob) => blob !== null && take(blob))
  }

  /** Shows the latest part, and goes on with it as the chart grows. @param ms how much of it; Infinity for all. */
  follow(ms: number): void {
    this.#followedMs = ms
    const { scale } = this.#view
    this.#view = ms === Infinity ? wholeOf(this.#chart, scale) : latestOf(this.#chart, scale, ms)
    this.#paintSoon()
  }

  /** Shows a stretch of time. */
  look(from: number, to: number): void {
    this.#followedMs = undefined
    this.#view = zoomed({ scale: "time", from, to }, this.#chart, 1, 0.5)
    this.#paintSoon()
  }

  setScale(scale: Scale): void {
    this.#view = rescaled(this.#view, this.#chart, scale)
    if (this.#followedMs !== undefined) this.follow(this.#followedMs)
    this.#scaleButton.textContent = scale === "time" ? "By event" : "By time"
    this.#paintSoon()
  }

  get #otherScale(): Scale {
    return this.#view.scale === "time" ? "events" : "time"
  }

  get #zero(): Zero {
    return this.#epochOfZero === undefined
      ? { at: this.#chart.events[0]?.at ?? 0, text: momentText }
      : { at: -this.#epochOfZero, text: clockText }
  }

  get #innerWidth(): number {
    return Math.max(1, this.#canvas.clientWidth - namesWidth)
  }

  get #theme(): "light" | "dark" {
    const { colorScheme } = getComputedStyle(this)
    if (colorScheme === "dark" || colorScheme === "light") return colorScheme
    return this.#dark.matches ? "dark" : "light"
  }

  #zoom(factor: number, around = 0.5): void {
    this.#followedMs = undefined
    this.#view = zoomed(this.#view, this.#chart, factor, around)
    this.#paintSoon()
  }

  #pan(share: number): void {
    this.#followedMs = undefined
    this.#view = panned(this.#view, this.#chart, share)
    this.#paintSoon()
  }

  #choose(index: number): void {
    // What is looked at must not move away.
    if (this.#followedMs !== Infinity) this.#followedMs = undefined
    this.chosen = index
    this.dispatchEvent(new CustomEvent("choose", { detail: this.#chosen }))
  }

  /** The next event that is worth looking at, in a direction. */
  #nextFrom(index: number, by: 1 | -1): number {
    const { events } = this.#chart
    let next = index + by
    while (next > 0 && next < events.length - 1 && events[next]?.isRoutine === true) next += by
    return next
  }

  #listen(): void {
    const canvas = this.#canvas
    let draggedFrom: { readonly x: number; readonly view: View } | undefined
    let hasMoved = false
    canvas.addEventListener(
      "wheel",
      (wheel) => {
        if (wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY)) {
          this.#pan((wheel.deltaX + (wheel.shiftKey ? wheel.deltaY : 0)) / this.#innerWidth)
        } else if (wheel.ctrlKey || wheel.altKey || wheel.metaKey || this.#isFocused) {
          const around = (wheel.offsetX - namesWidth) / this.#innerWidth
          this.#zoom(wheelStep ** wheel.deltaY, Math.max(0, Math.min(1, around)))
        } else {
          // The page scrolls.
          return
        }
        wheel.preventDefault()
      },
      { passive: false },
    )
    canvas.addEventListener("pointerdown", (down) => {
      draggedFrom = { x: down.clientX, view: this.#view }
      hasMoved = false
      canvas.setPointerCapture(down.pointerId)
    })
    canvas.addEventListener("pointermove", (move) => {
      if (draggedFrom === undefined) return this.#point(move)
      const by = move.clientX - draggedFrom.x
      if (Math.abs(by) > 3) hasMoved = true
      if (!hasMoved) return
      this.#hideTip()
      this.#followedMs = undefined
      this.#view = panned(draggedFrom.view, this.#chart, -by / this.#innerWidth)
      this.#paintSoon()
    })
    canvas.addEventListener("pointerup", (up) => {
      draggedFrom = undefined
      const index = this.#eventUnder(up)
      if (!hasMoved && index >= 0) this.#choose(index)
    })
    canvas.addEventListener("pointercancel", () => (draggedFrom = undefined))
    canvas.addEventListener("pointerleave", () => this.#hideTip())
    canvas.addEventListener("dblclick", (click) => {
      this.#zoom(0.25, Math.max(0, (click.offsetX - namesWidth) / this.#innerWidth))
    })
    canvas.addEventListener("keydown", (pressed) => {
      if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return
      const act = this.#keys[pressed.key]
      if (act === undefined) return
      pressed.preventDefault()
      act()
    })
  }

  readonly #keys: { readonly [key: string]: () => void } = {
    ArrowRight: () => this.#choose(this.#nextFrom(this.#chosen, 1)),
    ArrowLeft: () => this.#choose(this.#nextFrom(this.#chosen, -1)),
    ArrowUp: () => this.#choose(this.#chosen - 1),
    ArrowDown: () => this.#choose(this.#chosen + 1),
    Home: () => this.#choose(0),
    End: () => this.#choose(this.#chart.events.length - 1),
    PageUp: () => this.#pan(-0.5),
    PageDown: () => this.#pan(0.5),
    "+": () => this.#zoom(1 / zoomStep, this.#chosenShare),
    "=": () => this.#zoom(1 / zoomStep, this.#chosenShare),
    "-": () => this.#zoom(zoomStep, this.#chosenShare),
    "0": () => this.follow(Infinity),
    t: () => this.setScale(this.#otherScale),
  }

  get #isFocused(): boolean {
    return this.shadowRoot?.activeElement === this.#canvas
  }

  /** Where the chosen event is, or the wrong one, as a share of the width. */
  get #chosenShare(): number {
    const { scale, from, to } = this.#view
    const index = this.#chosen >= 0 ? this.#chosen : this.#wrong
    const at = this.#chart.events[index]?.at
    if (at === undefined) return 0.5
    const share = ((scale === "time" ? at : index + 0.5) - from) / (to - from)
    return share >= 0 && share <= 1 ? share : 0.5
  }

  #eventUnder({ clientX }: MouseEvent): number {
    const x = clientX - this.#canvas.getBoundingClientRect().left - namesWidth
    return x < 0 ? -1 : eventAt(this.#chart, this.#view, this.#innerWidth, x)
  }

  #point(move: PointerEvent): void {
    const index = this.#eventUnder(move)
    if (index !== this.#pointed) {
      this.#pointed = index
      this.#paintSoon()
    }
    const event = this.#chart.events[index]
    this.#tip.hidden = event === undefined
    if (event === undefined) return
    this.#tip.textContent = this.textOf(event, index)
    const { left, top, width } = this.getBoundingClientRect()
    const x = Math.min(move.clientX - left + 14, Math.max(0, width - this.#tip.offsetWidth - 4))
    this.#tip.style.left = `${x}px`
    this.#tip.style.top = `${move.clientY - top + 16}px`
  }

  #hideTip(): void {
    this.#tip.hidden = true
    if (this.#pointed === -1) return
    this.#pointed = -1
    this.#paintSoon()
  }

  /** What a moment is called. */
  timeOf(at: number): string {
    const { at: zeroAt, text } = this.#zero
    return text(Math.round(at - zeroAt))
  }

  /** An event in words, with its orders. */
  textOf({ at, text, orders }: ChartEvent, index: number): string {
    const head = `${index + 1}: ${this.timeOf(at)}, ${text}`
    return [head, ...orders.map((order) => `→ ${order.text}`)].join("\n")
  }

  #paint(): void {
    const canvas = this.#canvas
    const width = Math.max(namesWidth + 60, this.clientWidth)
    const height = heightOf(this.#chart, width)
    const ratio = devicePixelRatio
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide
      canvas.height = high
      canvas.style.height = `${height}px`
    }
    const context = canvas.getContext("2d", { alpha: false })
    if (context === null) return
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    const theme = this.#theme
    paint(context, {
      chart: this.#chart,
      view: this.#view,
      width,
      theme,
      paper: papers[theme],
      chosen: this.#chosen,
      pointed: this.#pointed,
      wrong: this.#wrong,
      zero: this.#zero,
    })
    this.#describe()
  }

  #describe(): void {
    const { events } = this.#chart
    const event = events[this.#chosen]
    const set = (name: string, value: string | number): void =>
      this.#canvas.setAttribute(name, String(value))
    set("aria-valuemin", Math.min(1, events.length))
    set("aria-valuemax", events.length)
    set("aria-valuenow", Math.max(0, this.#chosen + 1))
    set(
      "aria-valuetext",
      event === undefined
        ? `${events.length} events, none chosen`
        : this.textOf(event, this.#chosen),
    )
  }
}

function buttonOf(text: string, act: () => void, label = text): HTMLButtonElement {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = text
  if (label !== text) button.setAttribute("aria-label", label)
  button.addEventListener("click", act)
  return button
}

customElements.define("kamisama-timeline", TimelineElement)
