/**
 * `<kamisama-demo>`: a pool that lives before the eyes of the reader, in simulated time: it starts, a worker crashes, it is reloaded, and
 * it stops. Who wants less motion sees all of it at once.
 */
import type { ReplayedStep } from "../../src/core/run.ts"
import { initialState } from "../../src/core/state.ts"
import { planFrom } from "../../src/core/plan/plan.ts"
import { fill, make } from "../dom.ts"
import type { Outage } from "../playground/outages.ts"
import { runOnce } from "../playground/world.ts"
import { ChartMaker } from "../timeline/chart.ts"
import { type ChosenEvent, TimelineElement } from "../timeline/timeline-element.ts"

/** What happens, and when, in ms. */
const story: Outage = {
  name: "a short life",
  text: "",
  usualMs: null,
  behavior: (_at, _times, incarnation) => (incarnation === 2 ? { crashMs: 2_500 } : {}),
  acts: () => [
    { at: 5_000, fact: { type: "reload-requested" } },
    { at: 9_000, fact: { type: "signal-received", signal: "SIGTERM" } },
  ],
}
const times = { fromAt: 0, untilAt: Infinity, endAt: 12_000 }
/** How long its end stays, in ms. */
const restMs = 4_000

export class DemoElement extends HTMLElement {
  readonly #timeline = new TimelineElement()
  readonly #said = make("p", { class: "kd-said" })
  #frame = 0

  connectedCallback(): void {
    this.replaceChildren(this.#timeline, this.#said)
    this.#timeline.addEventListener("choose", (event) => {
      const index = (event as ChosenEvent).detail
      const chosen = this.#timeline.chart.events[index]
      if (chosen !== undefined) fill(this.#said, this.#timeline.textOf(chosen, index))
    })
    this.#begin()
  }

  disconnectedCallback(): void {
    cancelAnimationFrame(this.#frame)
  }

  #begin(): void {
    const plan = planFrom({ workers: 3 }, { cores: () => 4, seed: 1 })
    const steps = [...runOnce(plan, story, times, 1)]
    const maker = new ChartMaker(initialState(plan), 0)
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (const step of steps) maker.take(step)
      this.#timeline.chart = maker.chart
      return
    }
    this.#timeline.chart = maker.chart
    this.#play(steps, maker, performance.now())
  }

  #play(steps: readonly ReplayedStep[], maker: ChartMaker, beganAt: number): void {
    let shown = 0
    const draw = (): void => {
      const elapsedMs = performance.now() - beganAt
      const before = shown
      while ((steps[shown]?.event.at ?? Infinity) <= elapsedMs) {
        const step = steps[shown]
        if (step !== undefined) maker.take(step)
        shown += 1
      }
      if (shown > before) this.#timeline.grown(maker.chart)
      if (shown < steps.length) {
        this.#frame = requestAnimationFrame(draw)
        return
      }
      const over = steps.at(-1)?.event.at ?? 0
      if (elapsedMs < over + restMs || this.#timeline.chosen >= 0) {
        this.#frame = requestAnimationFrame(draw)
        return
      }
      this.#begin()
    }
    this.#frame = requestAnimationFrame(draw)
  }
}

customElements.define("kamisama-demo", DemoElement)
