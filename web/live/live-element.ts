/**
 * `<kamisama-live>`: a running pool, in a page that `kamisama dashboard` serves. Shows its workers with figures, its timeline as it grows,
 * and what happens; reloads, scales and replaces. Connects again by itself.
 */
import {
  columns,
  isSilent,
  lastOf,
  nextOf,
  spanText,
} from "../../src/command/operate/status-text.ts"
import { noticeLine } from "../../src/command/operate/why-text.ts"
import type { Notice } from "../../src/core/notice.ts"
import type { FeedMessage } from "../../src/command/dashboard/message.ts"
import { counted, describeMs } from "../../src/core/describe.ts"
import type { OperatorStatus, OperatorWorker } from "../../src/operator/status.ts"
import { button, fill, make, save } from "../dom.ts"
import { emptyChart } from "../timeline/chart.ts"
import { type ChosenEvent, TimelineElement } from "../timeline/timeline-element.ts"
import { fillPanels, makePanels } from "../viewer/panels.ts"
import { LivePool } from "./live-pool.ts"
import { type FeedEnd, readFeed } from "./read-feed.ts"
import { sparkPath } from "./sparkline.ts"

/** How long to wait until it connects again. */
const againMs = 1_000
/** How often the page is drawn anew when nothing happens: times go on. */
const everyMs = 1_000
/** How many notices are shown. */
const mostNotices = 200
/** So many figures are drawn: two minutes. */
const [sparkLength, sparkSize] = [120, [90, 22] as const]

/** How much of the timeline is followed. */
const spans: readonly (readonly [text: string, ms: number])[] = [
  ["1 min", 60_000],
  ["10 min", 600_000],
  ["1 h", 3_600_000],
]

/** What is done, once it was confirmed. */
interface Change {
  readonly target: string
  /** What it is called, such as "reload". */
  readonly name: string
  readonly question: string
}

export class LiveElement extends HTMLElement {
  #pool: LivePool | undefined
  /** The pool before it, whose end one may want to look at. */
  #before: LivePool | undefined
  /** Why a pool that lives cannot be shown. */
  #trouble: string | undefined
  #connection: "connecting" | "connected" | FeedEnd["type"] = "connecting"
  #lastShown: Notice | undefined
  #isDue = false
  readonly #stop = new AbortController()
  readonly #banner = make("p", { class: "kl-banner", role: "status" })
  readonly #head = make("header", { class: "kl-head" })
  readonly #rows = make("tbody")
  readonly #spares = make("p", { class: "kl-hint" })
  readonly #said = make("p", { class: "kl-said", role: "status" })
  readonly #timeline = new TimelineElement()
  readonly #panels = makePanels()
  readonly #notices = make("ol", { class: "kl-notices" })
  readonly #question = make("p", { id: "kl-question" })
  readonly #dialog = make("dialog", { "aria-labelledby": "kl-question" })
  readonly #changing: HTMLButtonElement[] = []
  readonly #count = make("input", {
    type: "number",
    min: 1,
    max: 1_000,
    required: true,
    "aria-label": "number of workers",
  })
  /** Whether somebody has given a number, and has not scaled yet. */
  #isCountGiven = false
  #asked: Change | undefined

  connectedCallback(): void {
    const steering = make(
      "form",
      { class: "kl-steering", "aria-label": "steer the pool" },
      this.#changer(button("Reload", () => this.#offerReload())),
      this.#count,
      this.#changer(make("button", {}, "Scale")),
      this.#said,
    )
    this.#count.oninput = () => (this.#isCountGiven = true)
    steering.onsubmit = (submitted) => {
      submitted.preventDefault()
      this.#offerScale(this.#count.valueAsNumber)
    }
    this.#dialog.append(
      this.#question,
      make(
        "form",
        { method: "dialog" },
        make("button", { value: "yes", class: "kl-yes" }, "Yes"),
        make("button", { value: "no", autofocus: true }, "No"),
      ),
    )
    this.#dialog.addEventListener("close", () => {
      const asked = this.#asked
      this.#asked = undefined
      this.#isCountGiven = false
      if (this.#dialog.returnValue === "yes" && asked !== undefined) void this.#change(asked)
    })
    const headings = columns.map(({ title, isFigure }) =>
      make("th", { scope: "col", class: isFigure === true && "kl-figure" }, title),
    )
    const table = make(
      "table",
      {},
      make("caption", { class: "kl-hidden" }, "workers"),
      make(
        "thead",
        {},
        make("tr", {}, ...headings, make("th", { scope: "col" }, "last"), make("td")),
      ),
      this.#rows,
    )
    this.append(
      this.#banner,
      this.#head,
      steering,
      make(
        "div",
        { class: "kl-wide", tabindex: 0, role: "region", "aria-label": "workers" },
        table,
      ),
      this.#spares,
      make("h2", {}, "Timeline"),
      make(
        "div",
        { class: "kl-spans", role: "group", "aria-label": "how much of it" },
        ...spans.map(([text, ms]) => button(text, () => this.#timeline.follow(ms))),
      ),
      this.#timeline,
      make("div", { class: "kv-columns" }, this.#panels.event, this.#panels.state),
      make("h2", {}, "What has happened"),
      this.#notices,
      this.#dialog,
    )
    this.#timeline.addEventListener("choose", (event) =>
      this.#choose((event as ChosenEvent).detail),
    )
    const ticks = setInterval(() => this.#drawSoon(), everyMs)
    this.#stop.signal.addEventListener("abort", () => clearInterval(ticks))
    void this.#connect()
  }

  disconnectedCallback(): void {
    this.#stop.abort()
  }

  /** A button that works only while the pool is there. */
  #changer(made: HTMLButtonElement): HTMLButtonElement {
    this.#changing.push(made)
    return made
  }

  async #connect(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      // A browser has few connections to a host: a page that nobody sees gives its own back.
      await visible()
      const hidden = new AbortController()
      const hide = (): void => {
        if (document.hidden) hidden.abort()
      }
      document.addEventListener("visibilitychange", hide)
      const either = AbortSignal.any([signal, hidden.signal])
      try {
        const end = await readFeed("feed", (messages) => this.#take(messages), either)
        this.#connection = end.type
        if (end.type === "denied") this.#trouble = end.reason
      } catch (error) {
        this.#connection = "ended"
        this.#trouble = error instanceof Error ? error.message.replace(/^replay: /, "") : "?"
      }
      document.removeEventListener("visibilitychange", hide)
      if (hidden.signal.aborted) {
        this.#connection = "connecting"
        continue
      }
      this.#drawSoon()
      await new Promise((resolve) => setTimeout(resolve, againMs))
    }
  }

  #take(messages: readonly FeedMessage[]): void {
    const now = Date.now()
    let forgotten = 0
    for (const message of messages) {
      if (message.type === "pool") this.#begin(new LivePool(message.about))
      if (message.type === "failed") this.#trouble = message.reason
      forgotten += this.#pool?.take(message, now) ?? 0
    }
    if (forgotten > 0) this.#grow(forgotten)
    this.#drawSoon()
  }

  #begin(pool: LivePool): void {
    this.#connection = "connected"
    this.#trouble = undefined
    const isSame = this.#pool?.about.pid === pool.about.pid
    if (!isSame) {
      this.#before = this.#pool
      this.#timeline.chart = emptyChart
      this.#timeline.follow(600_000)
      fill(this.#said)
      const hint = "Choose an event in the timeline to see why it was, and what followed."
      fill(this.#panels.event, make("p", { class: "kl-hint" }, hint))
      fill(this.#panels.state)
    }
    this.#pool = pool
    this.#lastShown = undefined
  }

  #drawSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    requestAnimationFrame(() => {
      this.#isDue = false
      this.#draw()
    })
  }

  #draw(): void {
    const pool = this.#pool
    this.#drawBanner(pool)
    const isLive = this.#connection === "connected"
    for (const one of this.#changing) one.disabled = !isLive
    if (pool === undefined) return
    document.title = `${pool.status === undefined ? "" : `${pool.status.ready}/${pool.status.target} `}${pool.about.name} – kamisama`
    if (pool.status !== undefined) this.#drawStatus(pool, pool.status, isLive)
    this.#grow(0)
    // Whoever reads or selects in it is not disturbed while nothing has happened.
    const last = pool.notices.at(-1)
    if (last === this.#lastShown) return
    this.#lastShown = last
    const before = this.#before
    fill(
      this.#notices,
      ...linesOf(pool),
      ...(before === undefined
        ? []
        : [
            make(
              "li",
              { class: "kl-before" },
              `pid ${before.about.pid}, which was there before: `,
              button("Save its recording", () =>
                save(
                  new Blob([before.recording]),
                  `${before.about.name}-${before.about.pid}.jsonl`,
                ),
              ),
            ),
            ...linesOf(before),
          ]),
    )
  }

  #drawBanner(pool: LivePool | undefined): void {
    const text = this.#bannerText(pool)
    this.#banner.hidden = text === ""
    if (this.#banner.textContent !== text) fill(this.#banner, text)
  }

  #bannerText(pool: LivePool | undefined): string {
    switch (this.#connection) {
      case "connecting":
        return "Connecting …"
      case "connected": {
        const before = this.#before
        if (pool?.heir !== undefined) return `The pool was upgraded: pid ${pool.heir} goes on.`
        if (pool?.isSilent === true) {
          return "The primary does not answer: it is suspended, or busy. What is shown is what it said last."
        }
        if (before === undefined) return ""
        return before.heir === pool?.about.pid
          ? `The pool was upgraded: pid ${pool?.about.pid} goes on in place of pid ${before.about.pid}.`
          : `The pool was started again: pid ${pool?.about.pid} has taken the place of pid ${before.about.pid}. What happened before is below.`
      }
      case "gone":
        return "The dashboard has ended. Start kamisama dashboard again, and open its new link."
      case "denied":
      case "ended":
      case "refused": {
        if (this.#trouble !== undefined) return `Nothing more can be shown: ${this.#trouble}`
        if (pool?.heir !== undefined) return `The pool was upgraded: pid ${pool.heir} goes on.`
        const last = pool?.lastWord
        const how =
          last === undefined
            ? "The pool has ended without a last word: it was killed."
            : `The pool has ended: ${last}.`
        return `${how} This page goes on once a pool of that name runs again.`
      }
    }
  }

  #drawStatus(pool: LivePool, status: OperatorStatus, isLive: boolean): void {
    const { name, state, ready, target, pid, upMs, runtime, generation, isReloading } = status
    const { counted, limit, intervalMs } = status.respawns
    const facts: readonly (readonly [string, string])[] = [
      ["state", isLive ? (isReloading ? `${state}, reloading` : state) : "ended"],
      ["ready", `${isLive ? ready : 0} of ${target}`],
      [
        "restarts",
        `${counted}${limit === null ? "" : ` of ${limit}`} within ${describeMs(intervalMs)}`,
      ],
      ["next", isLive ? nextOf(status) : "nothing"],
      ["primary", `pid ${pid}, up ${spanText(upMs)}`],
      ["reloads", String(generation)],
      ["runtime", runtime],
    ]
    fill(
      this.#head,
      make("h1", {}, name),
      make(
        "dl",
        {},
        ...facts.map(([term, text]) => make("div", {}, make("dt", {}, term), make("dd", {}, text))),
      ),
    )
    if (!this.#isCountGiven) this.#count.value = String(target)
    this.#drawWorkers(pool, status, isLive)
    const { spares } = status
    fill(
      this.#spares,
      spares.length > 0 &&
        `Spares: ${spares.map((spare) => `${spare.pid ?? "–"} ${spare.state}`).join(", ")}`,
    )
  }

  /** The buttons stay the same, so that one can be pressed while figures change. */
  #drawWorkers(pool: LivePool, { workers }: OperatorStatus, isLive: boolean): void {
    this.#rows.classList.toggle("kl-stale", !isLive)
    while (this.#rows.rows.length > workers.length) this.#rows.lastElementChild?.remove()
    while (this.#rows.rows.length < workers.length) this.#rows.append(this.#row())
    const most = new Map<string, number>()
    for (const { requests, memory } of pool.figures.values()) {
      most.set("req/s", Math.max(most.get("req/s") ?? 1, ...requests.map((value) => value ?? 0)))
      most.set("memory", Math.max(most.get("memory") ?? 1, ...memory.map((value) => value ?? 0)))
    }
    for (const [index, worker] of workers.entries()) {
      const row = this.#rows.rows[index]
      if (row === undefined) continue
      const figures = pool.figures.get(worker.pid ?? 0)
      const lines: { readonly [title: string]: readonly (number | null)[] | undefined } = {
        loop: figures?.loopUse,
        "req/s": figures?.requests,
        memory: figures?.memory,
      }
      row.dataset["state"] = stateOf(worker)
      for (const [column, { title, cell }] of columns.entries()) {
        const place = row.cells[column]
        if (place === undefined) continue
        const text = place.querySelector("span")
        if (text !== null) text.textContent = cell(worker)
        const values = lines[title]
        const path = place.querySelector("path")
        if (values === undefined || path === null) continue
        const top = title === "loop" ? 1 : (most.get(title) ?? 1)
        path.setAttribute("d", sparkPath(values, top, sparkLength, sparkSize))
      }
      const last = row.cells[columns.length]
      if (last !== undefined) {
        last.textContent = isSilent(worker) ? "does not answer: busy, or hung" : lastOf(worker)
      }
      const replace = row.querySelector("button")
      if (replace === null) continue
      replace.disabled = !isLive || worker.pid === null
      replace.dataset["id"] = String(worker.id)
      replace.setAttribute("aria-label", `Restart worker ${worker.id}`)
    }
  }

  #row(): HTMLTableRowElement {
    const restart = button("Restart", () => {
      const id = restart.dataset["id"] ?? ""
      this.#offer({
        target: `recycle?id=${id}`,
        name: `restart of worker ${id}`,
        question: `Restart worker ${id}? A new process takes its place first, then it stops gracefully.`,
      })
    })
    const cells = columns.map(({ title, isFigure }) => {
      const hasLine = ["loop", "req/s", "memory"].includes(title)
      const cell = make(title === "id" ? "th" : "td", {
        ...(title === "id" && { scope: "row" }),
        class: isFigure === true && "kl-figure",
      })
      if (hasLine) cell.append(lineElement())
      cell.append(make("span"))
      return cell
    })
    return make("tr", {}, ...cells, make("td", { class: "kl-last" }), make("td", {}, restart))
  }

  #grow(forgotten: number): void {
    const pool = this.#pool
    const past = pool?.past
    if (pool === undefined || past === undefined) return
    const untilAt = Date.now() - pool.epochOfZero
    const isLive = this.#connection === "connected" && !pool.isSilent
    if (!isLive && forgotten === 0) return
    this.#timeline.showClock(pool.epochOfZero)
    this.#timeline.grown({ ...past.chart, untilAt }, forgotten)
  }

  #choose(index: number): void {
    const past = this.#pool?.past
    if (past === undefined) return
    this.#timeline.chosen = index
    const timeOf = (at: number): string => this.#timeline.timeOf(at)
    fillPanels(this.#panels, past, index, timeOf, (one) => this.#choose(one))
  }

  #offerScale(to: number): void {
    const from = this.#pool?.status?.target ?? "?"
    const question = `Scale from ${from} to ${counted(to, "worker")}?`
    this.#offer({ target: `scale?to=${to}`, name: `scaling to ${to}`, question })
  }

  #offerReload(): void {
    const target = this.#pool?.status?.target ?? 0
    const what = target === 1 ? "the worker" : `all ${target} workers`
    this.#offer({
      target: "reload",
      name: "reload",
      question: `Reload ${what}? New processes take their places first. If the new version does not start, the old one serves on.`,
    })
  }

  #offer(change: Change): void {
    this.#asked = change
    fill(this.#question, change.question)
    this.#dialog.returnValue = ""
    this.#dialog.showModal()
  }

  async #change({ target, name }: Change): Promise<void> {
    fill(this.#said, `${name} …`)
    const startedAt = Date.now()
    try {
      const response = await fetch(target, { method: "POST" })
      const { ok, reason = "" } = (await response.json()) as {
        readonly ok: boolean
        readonly reason?: string
      }
      const took = spanText(Date.now() - startedAt)
      fill(this.#said, ok ? `${name}: done in ${took}` : `${name} failed: ${reason}`)
    } catch {
      fill(this.#said, `${name}: no answer came. It may still happen.`)
    }
  }
}

/** The latest notices, the latest first. */
function linesOf({ notices }: LivePool): readonly HTMLElement[] {
  const shown = notices.slice(-mostNotices).toReversed()
  return shown.map((one) => make("li", { class: `kl-${one.level}` }, noticeLine(one)))
}

/** Resolves once somebody sees the page. */
function visible(): Promise<void> {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve()
    document.addEventListener("visibilitychange", () => resolve(), { once: true })
  })
}

function stateOf(worker: OperatorWorker): string {
  if (worker.state !== "ready") return worker.state
  return worker.healthy && !isSilent(worker) ? "ready" : "unwell"
}

function lineElement(): SVGSVGElement {
  const [width, height] = sparkSize
  const space = "http://www.w3.org/2000/svg"
  const svg = document.createElementNS(space, "svg")
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
  svg.setAttribute("width", String(width))
  svg.setAttribute("height", String(height))
  svg.setAttribute("aria-hidden", "true")
  svg.append(document.createElementNS(space, "path"))
  return svg
}

customElements.define("kamisama-live", LiveElement)
