/**
 * `<kamisama-viewer>`: opens a recording of a pool, shows what stands out, and leads through its events. The file stays in the
 * browser.
 */
import { counted, describeCommand } from "../../src/core/describe.ts"
import { drawTimelineSvg } from "../../src/proof/timeline/draw-svg.ts"
import { logOfRecording } from "../../src/proof/timeline/log-of-recording.ts"
import { button, fill, make, save } from "../dom.ts"
import { momentText } from "../timeline/ruler.ts"
import { type ChosenEvent, TimelineElement } from "../timeline/timeline-element.ts"
import { eventsIn } from "../timeline/view.ts"
import { fillPanels, makePanels } from "./panels.ts"
import { cutOf, highlightsOf, type Incident, openIncident, partingOf } from "./incident.ts"
import { planForm } from "./plan-form.ts"
import { packed, unpacked } from "./share.ts"

/** A pool keeps 10 000 events: that is some MB. */
const mostBytes = 32 * 2 ** 20
/** So many events are listed. */
const mostListed = 300
/** How long a page may be busy until it gives way, in ms. */
const busyMs = 12
/** A picture of more events than that is left to zoom. */
const mostColumns = 2_000

export class ViewerElement extends HTMLElement {
  #incident: Incident | undefined
  #chosen = 0
  /** Counts the files that were opened: a later one wins. */
  #opened = 0
  readonly #timeline = new TimelineElement()
  readonly #status = make("p", { class: "kv-status", role: "status" })
  readonly #body = make("div", { class: "kv-body" })
  readonly #panels = makePanels()
  readonly #position = make("output")
  readonly #listed = make("details", { class: "kv-listed" })
  readonly #filter = {
    slot: make("select", { "aria-label": "worker" }),
    kind: make("select", { "aria-label": "kind of event or order" }),
    text: make("input", {
      type: "search",
      placeholder: "search",
      "aria-label": "search the events",
    }),
  }

  connectedCallback(): void {
    if (this.childElementCount > 0) return
    this.append(this.#opening(), this.#status, this.#body)
    this.#body.hidden = true
    this.#timeline.addEventListener("choose", (event) =>
      this.#choose((event as ChosenEvent).detail),
    )
    this.#timeline.addEventListener("dblclick", () => this.#showChosen())
    const { hash } = location
    if (hash.startsWith("#cut=")) void this.#openLink(hash.slice(5))
  }

  /** Opens the text of a recording. */
  async open(text: string, name = "the recording"): Promise<void> {
    this.#opened += 1
    const opened = this.#opened
    this.#say(`Reading ${name} …`)
    await pause()
    let incident: Incident
    try {
      let until = performance.now() + busyMs
      const opening = openIncident(text, () => performance.now() > until)
      for (;;) {
        const next = opening.next()
        if (next.done === true) {
          incident = next.value
          break
        }
        this.#say(`Replaying ${name}: ${Math.round(100 * next.value)} %`)
        await pause()
        if (opened !== this.#opened) return
        until = performance.now() + busyMs
      }
    } catch (error) {
      this.#refuse(name, error)
      return
    }
    if (incident.steps.length === 0) return this.#say(`${name} has no events.`)
    this.#incident = incident
    this.#show(incident, name)
  }

  get chosen(): number {
    return this.#chosen
  }

  #say(text: string, isWrong = false): void {
    this.#status.textContent = text
    this.#status.classList.toggle("kv-wrong", isWrong)
  }

  #refuse(name: string, error: unknown): void {
    const why = error instanceof Error ? error.message.replace(/^replay: /, "") : String(error)
    this.#body.hidden = true
    this.#say(`${name} cannot be opened: ${why}`, true)
  }

  #opening(): HTMLElement {
    const file = make("input", {
      type: "file",
      accept: ".jsonl,.json,.txt",
      "aria-label": "recording",
      onchange: () => void this.#openFile(file.files?.[0]),
    })
    const pasted = make("textarea", {
      rows: 3,
      "aria-label": "text of a recording",
      placeholder: '{"format":"kamisama-recording",…',
    })
    const example = this.getAttribute("example")
    const zone = make(
      "div",
      { class: "kv-drop" },
      make("p", {}, "Drop a recording here, or ", make("label", {}, "choose a file ", file)),
      make(
        "details",
        {},
        make("summary", {}, "or paste it"),
        pasted,
        button("Open", () => void this.open(pasted.value, "the text")),
      ),
      example !== null && button("Open an example", () => void this.#openExample(example)),
      make(
        "p",
        { class: "kv-hint" },
        "A recording is what ",
        make("code", {}, "kamisama recording > incident.jsonl"),
        " or ",
        make("code", {}, "pool.recording()"),
        " gives. It stays in this browser.",
      ),
    )
    zone.addEventListener("dragover", (drag) => {
      drag.preventDefault()
      zone.classList.add("kv-over")
    })
    zone.addEventListener("dragleave", () => zone.classList.remove("kv-over"))
    zone.addEventListener("drop", (drop) => {
      drop.preventDefault()
      zone.classList.remove("kv-over")
      void this.#openFile(drop.dataTransfer?.files[0])
    })
    return zone
  }

  async #openFile(file: File | undefined): Promise<void> {
    if (file === undefined) return
    if (file.size > mostBytes) {
      const mega = Math.round(file.size / 2 ** 20)
      return this.#say(
        `${file.name} is too large for a recording: it has ${mega} MB, and a pool keeps some MB at most.`,
        true,
      )
    }
    this.#opened += 1
    const opened = this.#opened
    const text = await file.text()
    // Another file may have been given meanwhile.
    if (opened === this.#opened) await this.open(text, file.name)
  }

  async #openExample(address: string): Promise<void> {
    const response = await fetch(address)
    if (!response.ok) return this.#say("The example is not there.", true)
    await this.open(await response.text(), "The example")
  }

  async #openLink(code: string): Promise<void> {
    try {
      await this.open(await unpacked(code), "the link")
    } catch {
      this.#say("The link holds no recording, or not all of it.", true)
    }
  }

  #show(incident: Incident, name: string): void {
    const { recording, steps, chart, plan } = incident
    const [first, last] = [steps[0]?.event.at ?? 0, steps.at(-1)?.event.at ?? 0]
    const leftOut = recording.leftOut === 0 ? "" : `, ${recording.leftOut} earlier ones left out`
    const isDone = steps.at(-1)?.state.phase === "done"
    const end = isDone ? "" : " It ends before the pool did: what came then is not in it."
    this.#say(
      `${name}: ${steps.length} events within ${momentText(last - first)} from ${recording.from} on${leftOut}; ${plan.workers} workers.${end}`,
    )
    this.#body.hidden = false
    const highlights = highlightsOf(incident)
    const list = highlights.map(({ kind, index, text }) =>
      make(
        "li",
        { class: `kv-${kind.replace(" ", "-")}` },
        button(`${momentText((steps[index]?.event.at ?? 0) - first)}: ${text}`, () =>
          this.#choose(index),
        ),
      ),
    )
    fill(
      this.#body,
      make("h2", {}, "What stands out"),
      list.length === 0
        ? make("p", {}, "Nothing: no failure, no reload, no stop.")
        : make("ol", { class: "kv-highlights" }, ...list),
      this.#timeline,
      this.#stepping(incident),
      this.#listed,
      make("div", { class: "kv-columns" }, this.#panels.event, this.#panels.state),
      this.#replaying(incident),
      this.#exporting(incident),
    )
    this.#timeline.chart = chart
    const wrong = highlights.find(({ kind }) => kind === "gave up" || kind === "incident")
    this.#timeline.wrong = wrong?.index ?? -1
    this.#choose(wrong?.index ?? highlights[0]?.index ?? 0)
    this.#list()
  }

  #stepping({ steps }: Incident): HTMLElement {
    const slots = new Set(
      steps.flatMap(({ event }) => ("worker" in event ? event.worker.slot : [])),
    )
    const kinds = new Set(
      steps.flatMap(({ event, commands }) => [event.type, ...commands.map(({ type }) => type)]),
    )
    const rules = new Set(
      steps.flatMap(({ commands }) => commands.map(({ reason }) => reason.rule)),
    )
    const { slot, kind, text } = this.#filter
    const option = (value: string, shown = value): HTMLElement => make("option", { value }, shown)
    fill(
      slot,
      option("", "every worker"),
      ...[...slots]
        .toSorted((one, other) => one - other)
        .map((one) => option(String(one), one === 0 ? "spares" : `worker ${one}`)),
    )
    fill(
      kind,
      option("", "everything"),
      ...[...kinds].toSorted().map((one) => option(one, one.replaceAll("-", " "))),
      ...[...rules]
        .toSorted()
        .map((one) => option(`rule ${one}`, `rule: ${one.replaceAll("-", " ")}`)),
    )
    text.value = ""
    text.oninput = () => this.#list()
    slot.onchange = this.#filtered
    kind.onchange = this.#filtered
    text.onkeydown = (pressed) => {
      if (pressed.key === "Enter") this.#find(pressed.shiftKey ? -1 : 1)
    }
    return make(
      "div",
      { class: "kv-steps", role: "group", "aria-label": "steps" },
      button("|◀", () => this.#choose(0), { "aria-label": "first event" }),
      button("◀", () => this.#choose(this.#chosen - 1), { "aria-label": "previous event" }),
      this.#position,
      button("▶", () => this.#choose(this.#chosen + 1), { "aria-label": "next event" }),
      button("▶|", () => this.#choose(steps.length - 1), { "aria-label": "last event" }),
      slot,
      kind,
      text,
      button("Find before", () => this.#find(-1)),
      button("Find next", () => this.#find(1)),
    )
  }

  /** Chooses the next event that the filter lets through; after the last one, the first. */
  #find(by: 1 | -1): void {
    const { steps = [] } = this.#incident ?? {}
    const found = this.#found()
    const next =
      by === 1
        ? (found.find((index) => index > this.#chosen) ?? found[0])
        : (found.findLast((index) => index < this.#chosen) ?? found.at(-1))
    if (next === undefined) {
      this.#position.textContent = `event ${this.#chosen + 1} of ${steps.length}: found nowhere`
      return
    }
    this.#choose(next)
    this.#position.textContent = `event ${next + 1} of ${steps.length}: match ${found.indexOf(next) + 1} of ${found.length}`
  }

  /** The numbers of the events that the filter lets through. */
  #found(): readonly number[] {
    const { steps = [] } = this.#incident ?? {}
    return [...steps.keys()].filter((index) => this.#fits(index))
  }

  #fits(index: number): boolean {
    const { steps = [], chart } = this.#incident ?? {}
    const step = steps[index]
    if (step === undefined) return false
    const { event, commands } = step
    const slot = this.#filter.slot.value
    const kind = this.#filter.kind.value
    const text = this.#filter.text.value.toLowerCase()
    const isAbout = (one: object): boolean =>
      slot === "" || ("worker" in one && (one.worker as { slot: number }).slot === Number(slot))
    if (![event, ...commands].some(isAbout)) return false
    const isKind =
      kind === "" ||
      event.type === kind ||
      commands.some(({ type, reason }) => type === kind || `rule ${reason.rule}` === kind)
    if (!isKind) return false
    const { text: fact = "", orders = [] } = chart?.events[index] ?? {}
    const words = [fact, ...orders.map((order) => order.text)]
    return words.some((one) => one.toLowerCase().includes(text))
  }

  /** Goes to the next event that the filter lets through, or says that there is none. Lists them all. */
  readonly #filtered = (): void => {
    if (!this.#fits(this.#chosen)) this.#find(1)
    this.#list()
  }

  #list(): void {
    const { chart } = this.#incident ?? {}
    const found = this.#found()
    const lines = found.slice(0, mostListed).map((index) => {
      const { at = 0, text = "", orders = [] } = chart?.events[index] ?? {}
      const after = orders.length === 0 ? "" : ` → ${orders.map((order) => order.text).join("; ")}`
      const shown = `${this.#timeline.timeOf(at)}: ${text}${after}`
      return make(
        "li",
        { value: index + 1 },
        button(shown, () => this.#choose(index)),
      )
    })
    const rest = found.length - lines.length
    fill(
      this.#listed,
      make("summary", {}, `${counted(found.length, "event")} that the filter lets through`),
      make("ol", { class: "kv-events" }, ...lines),
      rest > 0 && make("p", {}, `and ${rest} more: choose a worker or a kind`),
    )
  }

  #showChosen(): void {
    this.#timeline.chosen = this.#chosen
  }

  #choose(index: number): void {
    const incident = this.#incident
    if (incident === undefined) return
    const { steps } = incident
    this.#chosen = Math.max(0, Math.min(steps.length - 1, index))
    this.#showChosen()
    this.#position.textContent = `event ${this.#chosen + 1} of ${steps.length}`
    const timeOf = (at: number): string => this.#timeline.timeOf(at)
    fillPanels(this.#panels, incident, this.#chosen, timeOf, (one) => this.#choose(one))
  }

  #replaying(incident: Incident): HTMLElement {
    const outcome = make(
      "p",
      { role: "status" },
      "Change a figure to see where it would have mattered first.",
    )
    const onChange = (plan: Incident["plan"]): void => {
      try {
        const { index, was, wouldBe } = partingOf(incident, plan)
        const isDone = incident.steps.at(-1)?.state.phase === "done"
        if (index === -1)
          return fill(
            outcome,
            isDone
              ? "The pool would have decided the same to the end."
              : "The pool would have decided the same to the end of the recording, which ends before the pool did.",
          )
        const texts = (commands: typeof was): string =>
          commands.map(describeCommand).join("; ") || "nothing"
        fill(
          outcome,
          "The first decision that differs is at ",
          button(`event ${index + 1}`, () => this.#choose(index)),
          `. The pool decided: ${texts(was)}. With these figures: ${texts(wouldBe)}. What would have come then, nobody can say: workers and clients would have behaved otherwise.`,
        )
      } catch (error) {
        fill(outcome, `These figures cannot be replayed: ${String(error)}`)
      }
    }
    return make(
      "details",
      { class: "kv-replay" },
      make("summary", {}, "Replay it with other options"),
      planForm(incident.plan, onChange),
      outcome,
    )
  }

  #exporting(incident: Incident): HTMLElement {
    const told = make("p", { role: "status" })
    const cut = (): readonly [number, number] => {
      const [from, to] = eventsIn(incident.chart, this.#timeline.view)
      return [from, Math.max(from + 1, to)]
    }
    const svg = (): void => {
      const [from, to] = cut()
      if (to - from > mostColumns) {
        return fill(
          told,
          `A picture has ${mostColumns} events at most, and ${to - from} are seen: zoom in first.`,
        )
      }
      const log = logOfRecording(cutOf(incident, from, to))
      save(
        new Blob([drawTimelineSvg(log, { mostCommands: 200, mostColumns })], {
          type: "image/svg+xml",
        }),
        "timeline.svg",
      )
    }
    const link = async (): Promise<void> => {
      const code = await packed(cutOf(incident, ...cut()))
      if (code === undefined) {
        return fill(told, "What is seen is too long for a link: zoom in first.")
      }
      const url = new URL(location.href)
      url.hash = `cut=${code}`
      history.replaceState(history.state, "", url)
      await navigator.clipboard.writeText(url.href).catch(() => undefined)
      fill(told, "The address of this page is the link to what is seen, and it was copied.")
    }
    return make(
      "div",
      { class: "kv-export", role: "group", "aria-label": "export what is seen" },
      "Export what is seen: ",
      button("SVG, by event", svg),
      button("PNG", () => this.#timeline.toBlob((blob) => save(blob, "timeline.png"))),
      button("Link", () => void link()),
      button("Recording", () => save(new Blob([cutOf(incident, ...cut())]), "cut.jsonl")),
      told,
    )
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

customElements.define("kamisama-viewer", ViewerElement)
