/**
 * `<kamisama-playground>`: options, an outage, and what the pool makes of it. The address of the page holds all that is set.
 */
import uPlot from "uplot"
import { counted, describeMs } from "../../src/core/describe.ts"
import type { Plan } from "../../src/core/plan/plan.ts"
import { isRecord } from "../../src/core/plan/checks.ts"
import { initialState } from "../../src/core/state.ts"
import { button, fill, make } from "../dom.ts"
import { ChartMaker } from "../timeline/chart.ts"
import { papers } from "../timeline/palette.ts"
import { momentText } from "../timeline/ruler.ts"
import { type ChosenEvent, TimelineElement } from "../timeline/timeline-element.ts"
import type { AllFigures, RunFigures, Spread } from "./figures.ts"
import { beginsAt, outages, timesOf } from "./outages.ts"
import type { Answered, Asked } from "./run-worker.ts"
import {
  codeOf,
  commandOf,
  flags,
  lastingMs,
  mainFlags,
  read,
  type Settings,
  settingsOf,
  type Texts,
  written,
} from "./settings.ts"

/** How long somebody may type on before it is run, in ms. */
const typingMs = 60

/** What belongs to one set of options. */
interface Panel {
  readonly root: HTMLElement
  readonly verdict: HTMLElement
  readonly findings: HTMLElement
  readonly problem: HTMLElement
  readonly timeline: TimelineElement
  readonly chosen: HTMLElement
  readonly ready: HTMLElement
  readonly figures: HTMLElement
  readonly code: HTMLElement
  plot: uPlot | undefined
}

export class PlaygroundElement extends HTMLElement {
  #settings: Settings = settingsOf("")
  #worker: Worker | undefined
  #asked = 0
  /** Whether an answer has not come yet. */
  #isBusy = false
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #panels: Panel[] = []
  readonly #forms = make("div", { class: "kp-forms" })
  readonly #answers = make("div", { class: "kp-answers" })
  readonly #results = make("div", { class: "kp-results" })
  readonly #status = make("p", { class: "kp-status", role: "status" })
  readonly #hashChanged = (): void => {
    const settings = settingsOf(location.hash)
    if (written(settings) === written(this.#settings)) return
    this.#settings = settings
    this.#build()
    this.#run()
  }

  connectedCallback(): void {
    // A page may bring its own.
    this.#settings = settingsOf(location.hash || (this.getAttribute("settings") ?? ""))
    this.replaceChildren(this.#answers, this.#status, this.#forms, this.#results)
    window.addEventListener("hashchange", this.#hashChanged)
    this.#build()
    this.#run()
  }

  disconnectedCallback(): void {
    window.removeEventListener("hashchange", this.#hashChanged)
    this.#worker?.terminate()
    this.#worker = undefined
    for (const { plot } of this.#panels) plot?.destroy()
  }

  #build(): void {
    const { sets, outage, lasts } = this.#settings
    const choice = make("select", {
      onchange: () => this.#set({ outage: choice.value, lasts: "" }, true),
    })
    fill(
      choice,
      ...Object.entries(outages).map(([id, { name }]) =>
        make("option", { value: id, selected: id === outage }, name),
      ),
    )
    const usualMs = outages[outage]?.usualMs ?? null
    const lasting = make("input", {
      value: lasts,
      size: 8,
      placeholder: usualMs === null ? "" : describeMs(usualMs).replace(" ", ""),
      oninput: () => this.#set({ lasts: lasting.value }),
    })
    fill(
      this.#forms,
      make(
        "fieldset",
        { class: "kp-outage" },
        make("legend", {}, "What goes wrong"),
        make("label", {}, "outage ", choice),
        usualMs !== null && make("label", {}, "for ", lasting),
        make(
          "p",
          {},
          outages[outage]?.text ?? "",
          usualMs !== null && ` It begins ${momentText(beginsAt)} after the pool.`,
        ),
      ),
      ...sets.map((texts, set) => this.#formOf(texts ?? {}, set, sets.length)),
      sets.length === 1 &&
        button("Compare with other options", () => {
          this.#settings = { ...this.#settings, sets: [sets[0], { ...sets[0] }] }
          this.#changed(true)
        }),
    )
    for (const { plot } of this.#panels.splice(0)) plot?.destroy()
    for (const set of sets.keys()) this.#panels.push(this.#panelOf(set, sets.length))
    fill(this.#results, ...this.#panels.map(({ root }) => root))
    fill(this.#answers, ...this.#panels.map(({ verdict }) => verdict))
  }

  #formOf(texts: Texts, set: number, count: number): HTMLElement {
    const field = (name: string): HTMLElement => {
      const flag = flags.find((one) => one.name === name)
      const { otherwise = "", default: value } = (flag?.form ?? {}) as {
        readonly otherwise?: string
        readonly default?: unknown
      }
      const unit = flag?.form.unit
      const input = make("input", {
        value: texts[name] ?? "",
        placeholder: otherwise || shownDefault(value, unit),
        autocomplete: "off",
        spellcheck: "false",
        "data-flag": name,
        oninput: () => this.#setText(set, name, input.value),
      })
      return make("label", {}, name, input)
    }
    const others = flags.map(({ name }) => name).filter((name) => !mainFlags.includes(name))
    const isOpen = others.some((name) => (texts[name] ?? "") !== "")
    const title = count === 1 ? "Options" : set === 0 ? "Options A" : "Options B"
    return make(
      "fieldset",
      { class: "kp-options" },
      make("legend", {}, title),
      make("div", { class: "fields" }, ...mainFlags.map(field)),
      make(
        "details",
        { open: isOpen },
        make("summary", {}, "All options"),
        make("div", { class: "fields" }, ...others.map(field)),
      ),
      count > 1 &&
        set === 1 &&
        button("Remove B", () => {
          this.#settings = { ...this.#settings, sets: [this.#settings.sets[0]] }
          this.#changed(true)
        }),
    )
  }

  #panelOf(set: number, count: number): Panel {
    const panel: Panel = {
      root: make("section", { class: "kp-panel" }),
      verdict: make("p", { class: "kp-verdict" }),
      problem: make("p", { class: "kv-wrong", role: "alert" }),
      findings: make("ul", { class: "kp-findings" }),
      timeline: new TimelineElement(),
      chosen: make("p", { class: "kp-chosen", "aria-live": "polite" }),
      ready: make("div", { class: "kp-ready" }),
      figures: make("div", { class: "kp-figures" }),
      code: make("div", { class: "kp-code" }),
      plot: undefined,
    }
    panel.timeline.addEventListener("choose", (event) => {
      const index = (event as ChosenEvent).detail
      const chosen = panel.timeline.chart.events[index]
      if (chosen !== undefined) fill(panel.chosen, panel.timeline.textOf(chosen, index))
    })
    fill(
      panel.root,
      count > 1 && make("h2", {}, set === 0 ? "A" : "B"),
      panel.problem,
      panel.findings,
      make("h3", {}, "One run"),
      panel.timeline,
      panel.chosen,
      make("h3", {}, "Workers that serve, the outage in red"),
      panel.ready,
      make("h3", {}, "Many runs"),
      panel.figures,
      panel.code,
    )
    return panel
  }

  #set(change: Partial<Settings>, isOther = false): void {
    this.#settings = { ...this.#settings, ...change }
    this.#changed(isOther)
  }

  #setText(set: number, name: string, text: string): void {
    const [first, second] = this.#settings.sets
    const next = { ...(set === 0 ? first : second), [name]: text }
    this.#settings = {
      ...this.#settings,
      sets: set === 0 ? (second === undefined ? [next] : [next, second]) : [first, next],
    }
    this.#changed(false)
  }

  #changed(isOther: boolean): void {
    if (isOther) this.#build()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#run(), typingMs)
  }

  #run(): void {
    const address = new URL(location.href)
    address.hash = written(this.#settings)
    // The start page keeps its own address until somebody changes something.
    // The router of the page has a state of its own.
    if (this.#asked > 0 || location.hash !== "") history.replaceState(history.state, "", address)
    let isWrong = false
    for (const [set, panel] of this.#panels.entries()) {
      const texts = this.#settings.sets[set] ?? {}
      const given = read(texts)
      isWrong ||= !given.ok
      fill(panel.problem, given.ok ? "" : given.problem)
      // What is there was for other options.
      panel.root.classList.toggle("kp-stale", true)
      panel.verdict.classList.toggle("kp-stale", true)
      for (const input of this.#forms.querySelectorAll<HTMLInputElement>("input[data-flag]")) {
        const isOfSet =
          input.closest(".kp-options") === this.#forms.querySelectorAll(".kp-options")[set]
        if (isOfSet) {
          input.setAttribute(
            "aria-invalid",
            String(!given.ok && input.dataset["flag"] === given.flag),
          )
        }
      }
      if (!given.ok) continue
      fill(
        panel.findings,
        ...given.findings.map(({ level, text }) =>
          make("li", { class: `kp-${level}` }, `Whatever goes wrong: ${text}`),
        ),
      )
      const command = commandOf(texts)
      const code = codeOf(given.options)
      fill(panel.code, codeBlock(command), codeBlock(code))
    }
    try {
      lastingMs(this.#settings)
    } catch (error) {
      fill(this.#status, error instanceof Error ? error.message : String(error))
      return
    }
    fill(this.#status, isWrong ? "" : "Running …")
    if (isWrong) return
    this.#asked += 1
    this.#ask({ id: this.#asked, settings: this.#settings })
  }

  #ask(asked: Asked): void {
    // What it still works on is of no use.
    if (this.#isBusy) this.#worker?.terminate()
    if (this.#worker === undefined || this.#isBusy) {
      this.#worker = new Worker(new URL("./run-worker.ts", import.meta.url), { type: "module" })
      this.#worker.onmessage = (message: MessageEvent<Answered>) => this.#take(message.data)
      this.#worker.onerror = (error) => fill(this.#status, `It cannot be run: ${error.message}`)
    }
    this.#isBusy = true
    this.#worker.postMessage(asked)
  }

  #take(answered: Answered): void {
    const panel = this.#panels[answered.set]
    if (answered.id !== this.#asked || panel === undefined) return
    const given = read(this.#settings.sets[answered.set] ?? {})
    if (!given.ok) return
    const plan = given.plan(1)
    const name = this.#panels.length === 1 ? "" : answered.set === 0 ? "A: " : "B: "
    if (answered.type === "run") {
      const maker = new ChartMaker(initialState(plan), 0)
      for (const step of answered.steps) maker.take(step)
      const { chart } = maker
      const outage = outages[this.#settings.outage]
      const isDone = answered.steps.at(-1)?.state.phase === "done"
      const endAt = outage === undefined ? 0 : timesOf(outage, lastingMs(this.#settings)).endAt
      // What lives on is shown as long as it was watched.
      panel.timeline.chart = isDone ? chart : { ...chart, untilAt: endAt }
      panel.timeline.wrong = chart.events.findIndex(({ orders }) =>
        orders.some(({ type }) => type === "announce-give-up"),
      )
      const { gaveUpAt } = answered.figures
      if (gaveUpAt !== null)
        panel.timeline.look(Math.min(beginsAt, gaveUpAt) - 1_000, gaveUpAt + 1_000)
      fill(
        panel.chosen,
        "Click into the timeline, or use the arrow keys, to see each event and why.",
      )
      this.#plot(panel, answered.figures, plan.workers)
      fill(panel.verdict, name + verdictOf(answered.figures, plan.workers))
      fill(panel.figures, "Counting …")
      panel.root.classList.toggle("kp-stale", false)
      panel.verdict.classList.toggle("kp-stale", false)
      return
    }
    fill(panel.figures, figuresTable(answered.figures, plan.workers))
    fill(panel.verdict, name + verdictOfAll(answered.figures, plan, answered.enough))
    if (answered.set + 1 < this.#panels.length) return
    this.#isBusy = false
    fill(this.#status, "")
  }

  #plot(panel: Panel, { ready }: RunFigures, workers: number): void {
    panel.plot?.destroy()
    const outage = outages[this.#settings.outage]
    if (outage === undefined) return
    const times = timesOf(outage, lastingMs(this.#settings))
    const paper = papers[this.#theme]
    const axis = { stroke: paper.dim, grid: { stroke: paper.line }, ticks: { stroke: paper.line } }
    const until = Math.min(times.untilAt, times.endAt)
    panel.plot = new uPlot(
      {
        width: Math.max(260, panel.ready.clientWidth),
        height: 140,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: [0, workers * 1.05] } },
        axes: [
          {
            ...axis,
            space: 90,
            values: (_, ticks) => ticks.map((tick) => momentText(tick * 1_000)),
          },
          { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] },
        ],
        series: [
          {},
          {
            stroke: "#2f9e5b",
            fill: "rgba(47,158,91,.25)",
            width: 2,
            ...(uPlot.paths.stepped !== undefined && { paths: uPlot.paths.stepped({ align: 1 }) }),
          },
        ],
        hooks: {
          drawClear: [
            (plot) => {
              if (outage.usualMs === null) return
              const [from, to] = [times.fromAt, until].map((at) =>
                plot.valToPos(at / 1_000, "x", true),
              )
              plot.ctx.fillStyle = "rgba(199,55,47,.12)"
              plot.ctx.fillRect(from ?? 0, plot.bbox.top, (to ?? 0) - (from ?? 0), plot.bbox.height)
            },
          ],
        },
      },
      [ready.map(([at]) => at / 1_000), ready.map(([, count]) => count)],
      panel.ready,
    )
    const texts = ready.map(([at, count]) => `${momentText(at)}: ${count}`)
    panel.ready.setAttribute("role", "img")
    panel.ready.setAttribute("aria-label", `workers that serve: ${texts.slice(0, 40).join(", ")}`)
  }

  get #theme(): "light" | "dark" {
    const { colorScheme } = getComputedStyle(this)
    if (colorScheme === "dark" || colorScheme === "light") return colorScheme
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"
  }
}

/** What one run shows, in a sentence. */
function verdictOf({ gaveUpAt, leastReady, respawns }: RunFigures, workers: number): string {
  if (gaveUpAt !== null) {
    return `The pool gives up ${sinceOutage(gaveUpAt)}: from then on nobody serves.`
  }
  return leastReady >= workers
    ? `All ${workers} workers serve all the time; ${counted(respawns, "restart")}.`
    : `The pool lives on. At its worst, ${leastReady} of ${workers} workers serve; ${counted(respawns, "restart")}.`
}

function verdictOfAll(
  { runs, gaveUp, gaveUpAt, leastReady, degradedMs, nobodyMs, readyAtLast }: AllFigures,
  { workers, respawnIntervalMs }: Plan,
  enough: number | undefined,
): string {
  const all = runs === 1 ? "in 1 run" : `in each of ${runs} runs`
  if (gaveUp > 0 && gaveUpAt !== undefined) {
    const share = gaveUp === runs ? all : `in ${gaveUp} of ${runs} runs`
    const advice =
      enough === undefined
        ? ""
        : ` It needs up to ${counted(enough, "restart")} within ${describeMs(respawnIntervalMs)}: with a respawn-limit of at least that it would live on.`
    return `The pool gives up ${share}, ${sinceOutage(gaveUpAt[1])} (median): from then on nobody serves.${advice}`
  }
  if (leastReady[1] >= workers) {
    return `The pool lives on ${all}, and all ${workers} workers serve all the time.`
  }
  const nobody = nobodyMs[1] === 0 ? "" : ` For ${momentText(nobodyMs[1])} nobody serves at all.`
  const last = readyAtLast[1] >= workers ? "" : ` In the end ${readyAtLast[1]} of ${workers} serve.`
  return `The pool lives on ${all}. For ${momentText(degradedMs[1])} (median), fewer than ${workers} workers serve.${nobody}${last}`
}

function sinceOutage(at: number): string {
  return at < beginsAt
    ? `${momentText(at)} after its start`
    : `${momentText(at - beginsAt)} after the outage has begun`
}

/** A default as it may be written. */
function shownDefault(value: unknown, unit: "ms" | "bytes" | undefined): string {
  if (value === undefined) return ""
  if (value === false) return "off"
  if (isRecord(value)) {
    return Object.values(value)
      .map((one) => shownDefault(one, "ms"))
      .join("..")
  }
  if (typeof value === "number" && unit === "ms") return describeMs(value).replace(" ", "")
  return typeof value === "string" || typeof value === "number" ? String(value) : ""
}

function figuresTable(
  { runs, gaveUp, gaveUpAt, respawns, leastReady, degradedMs, nobodyMs }: AllFigures,
  workers: number,
): HTMLElement {
  const row = (
    name: string,
    spread: Spread | undefined,
    show: (value: number) => string,
  ): HTMLElement =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      ...(spread ?? [undefined, undefined, undefined]).map((value) =>
        make("td", {}, value === undefined ? "–" : show(value)),
      ),
    )
  return make(
    "table",
    {},
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        ...["", "least", "median", "most"].map((text) =>
          make("th", { scope: "col" }, text || make("span", { class: "kp-hidden" }, "figure")),
        ),
      ),
    ),
    make(
      "tbody",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "row" }, "gave up"),
        make(
          "td",
          { colspan: 3 },
          `in ${gaveUp} of ${runs} runs (${Math.round((100 * gaveUp) / runs)} %)`,
        ),
      ),
      row("from the outage until then", gaveUpAt, (at) => momentText(at - beginsAt)),
      row("restarts", respawns, String),
      row("workers at the worst moment", leastReady, (value) => `${value} of ${workers}`),
      row("fewer than all for", degradedMs, momentText),
      row("nobody for", nobodyMs, momentText),
    ),
  )
}

function codeBlock(text: string): HTMLElement {
  const copied = make("span", { role: "status" })
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    fill(copied, " copied")
  }
  return make(
    "div",
    {},
    make("pre", { tabindex: 0 }, make("code", {}, text)),
    button("Copy", () => void copy().catch(() => fill(copied, " cannot be copied here"))),
    copied,
  )
}

customElements.define("kamisama-playground", PlaygroundElement)
