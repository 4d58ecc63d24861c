/**
 * An event with its orders, each with what led to it, and the pool after it, beside each other.
 */
import { describeCommand } from "../../src/core/describe.ts"
import { button, fill, make } from "../dom.ts"
import type { Past } from "./incident.ts"
import { poolRows, type StateRow, workerHeadings, workerRows } from "./state-table.ts"
import { whyOf } from "./why.ts"

/** The two panels. */
export interface Panels {
  readonly event: HTMLElement
  readonly state: HTMLElement
}

export function makePanels(): Panels {
  return {
    event: make("section", { class: "kv-detail", "aria-live": "polite" }),
    state: make("section", { class: "kv-state" }),
  }
}

/**
 * Shows an event.
 *
 * @param timeOf what a moment is called.
 * @param choose called with the number of another event that is to be shown.
 */
export function fillPanels(
  { event: left, state: right }: Panels,
  past: Past,
  index: number,
  timeOf: (at: number) => string,
  choose: (index: number) => void,
): void {
  const { plan, before, steps } = past
  const step = steps[index]
  if (step === undefined) return
  const { event, state } = step
  const old = steps[index - 1]?.state ?? before
  fill(left, make("h3", {}, "Event"), ...described(past, index, timeOf, choose))
  fill(
    right,
    make("h3", {}, "The pool after it"),
    tableOf(undefined, poolRows(plan, state, old, event.at)),
    tableOf(workerHeadings, workerRows(state, old, event.at)),
  )
}

function described(
  { steps, chart }: Past,
  index: number,
  timeOf: (at: number) => string,
  choose: (index: number) => void,
): readonly HTMLElement[] {
  const { commands = [] } = steps[index] ?? {}
  const event = chart.events[index]
  if (event === undefined) return []
  const head = make("p", { class: "kv-event" }, `${timeOf(event.at)}: ${event.text}`)
  if (commands.length === 0) return [head, make("p", {}, "Nothing followed.")]
  const orders = commands.map((command) => {
    const { events, options } = whyOf(steps, index, command)
    const links = events
      .filter((one) => one !== index)
      .map((one) => {
        const { at = 0, text = "" } = chart.events[one] ?? {}
        const forks = chart.events[one]?.orders.find(({ type }) => type === "fork-worker")
        const shown = text.startsWith("deadline") && forks !== undefined ? forks.text : text
        return make(
          "li",
          {},
          button(`${timeOf(at)}: ${shown}`, () => choose(one)),
        )
      })
    return make(
      "li",
      {},
      describeCommand(command),
      make(
        "details",
        {},
        make("summary", {}, "Why?"),
        links.length === 0
          ? make("p", {}, "Because of this very event.")
          : make("ol", {}, ...links),
        options.length > 0 && make("p", {}, `Options: ${options.join(", ")}`),
      ),
    )
  })
  return [head, make("ul", { class: "kv-orders" }, ...orders)]
}

function tableOf(headings: readonly string[] | undefined, rows: readonly StateRow[]): HTMLElement {
  const head =
    headings !== undefined &&
    make("thead", {}, make("tr", {}, ...headings.map((text) => make("th", { scope: "col" }, text))))
  const body = rows.map(({ name, cells, hasChanged }) =>
    make(
      "tr",
      { class: hasChanged && "kv-changed" },
      make("th", { scope: "row" }, hasChanged ? `${name} ●` : name),
      ...cells.map((cell) => make("td", {}, cell)),
    ),
  )
  return make("table", {}, head, make("tbody", {}, ...body))
}
