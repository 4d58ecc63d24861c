/**
 * Draws what every process of a simulated pool does over time, as an SVG for light and dark pages.
 *
 * `drawTimelineSvg` of `kamisama/fake` has one row a worker number and one column an event. This has one lane a process and
 * a scale of time, so that a worker and its replacement can be seen side by side.
 */
import type { FakePlatform, FakeProcessState } from "kamisama/fake"

const stepMs = 10

/** How long a pool is watched before something is done to it. */
const actsAfterMs = 100

/** How a process spends the time from `from` to `to`, in ms. */
interface Bar {
  readonly id: number
  readonly incarnation: number
  readonly state: FakeProcessState
  readonly from: number
  to: number
}

/** How many workers are ready from `from` to `to`, in ms. */
interface ReadyCount {
  readonly ready: number
  readonly from: number
  to: number
}

/** What a pool does, as far as it is drawn. */
interface Watched {
  readonly from: number
  readonly to: number
  readonly bars: readonly Bar[]
  readonly readyCounts: readonly ReadyCount[]
}

/** Lets simulated time pass in steps of 10 ms and notes the state of every process. `act` runs after 100 ms. */
export async function watch(os: FakePlatform, forMs: number, act: () => void): Promise<Watched> {
  const from = os.now
  const latest = new Map<number, Bar>()
  const bars: Bar[] = []
  const readyCounts: ReadyCount[] = []
  while (os.now < from + forMs) {
    if (os.now === from + actsAfterMs) act()
    const at = os.now
    const to = at + stepMs
    for (const { id, incarnation, state } of os.workers) {
      const bar = latest.get(incarnation)
      if (bar?.state === state && bar.to === at) bar.to = to
      else {
        const next = { id, incarnation, state, from: at, to }
        latest.set(incarnation, next)
        bars.push(next)
      }
    }
    const ready = os.workers.filter((worker) => worker.state === "ready").length
    const last = readyCounts.at(-1)
    if (last?.ready === ready) last.to = to
    else readyCounts.push({ ready, from: at, to })
    await os.advance(stepMs)
  }
  return { from, to: os.now, bars, readyCounts }
}

const lane = 17
const gap = 12
const left = 104
const top = 76
const wide = 860

const shades = {
  light: {
    paper: ["#fff", "#1c2127"],
    booting: ["#d5dbe3", "#3d4854"],
    starting: ["#a9cdf0", "#0b3a66"],
    ready: ["#2f9e5b", "#fff"],
    stopping: ["#f2c14b", "#4d3800"],
    line: ["#69737e", "#69737e"],
  },
  dark: {
    paper: ["#14181d", "#e4e8ec"],
    booting: ["#3a434e", "#c3ccd6"],
    starting: ["#1f5584", "#d6e9fb"],
    ready: ["#2b8a50", "#fff"],
    stopping: ["#c18d12", "#1b1300"],
    line: ["#95a0ab", "#95a0ab"],
  },
}

function styleOf(shade: "light" | "dark"): string {
  const { paper, line, ...states } = shades[shade]
  const rules = Object.entries(states).map(
    ([state, [fill, text]]) => `.${state}{fill:${fill}}.${state}-text{fill:${text}}`,
  )
  return `.paper{fill:${paper[0]}}text{fill:${paper[1]}}.dim{fill:${line[0]}}.line{stroke:${line[0]}}${rules.join("")}`
}

/** Draws it: two lanes a worker number, the process that was there first above its replacement. */
export function drawProcesses(
  { from, to, bars, readyCounts }: Watched,
  title: string,
  action: string,
): string {
  const actedAt = from + actsAfterMs
  const ids = [...new Set(bars.map(({ id }) => id))].sort((a, b) => a - b)
  const rowOf = (id: number): number => top + ids.indexOf(id) * (2 * lane + gap)
  const bottom = top + ids.length * (2 * lane + gap)
  const height = bottom + 56
  const x = (at: number): number => left + Math.round(((at - from) / (to - from)) * wide)
  const firstOf = new Map<number, number>()
  for (const { id, incarnation } of bars) {
    firstOf.set(id, Math.min(firstOf.get(id) ?? incarnation, incarnation))
  }

  function bar({ id, incarnation, state, from: begin, to: end }: Bar): string {
    const isFirst = firstOf.get(id) === incarnation
    const y = rowOf(id) + (isFirst ? 0 : lane)
    const width = x(end) - x(begin)
    const text = state === "ready" ? `ready, ${isFirst ? "old" : "new"} code` : state
    const label =
      width < text.length * 7.4
        ? ""
        : `<text x="${x(begin) + width / 2}" y="${y + 12}" class="mid ${state}-text">${text}</text>`
    return `<rect class="${state}" x="${x(begin)}" y="${y}" width="${width - 1}" height="${lane - 1}" rx="2"/>${label}`
  }

  function readyCount({ ready, from: begin, to: end }: ReadyCount): string {
    const [middle, width] = [(x(begin) + x(end)) / 2, x(end) - x(begin)]
    return width < 60
      ? ""
      : `<text x="${middle}" y="${bottom + 14}" class="mid">${ready} ready</text>`
  }

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + wide + 32}" height="${height}" viewBox="-16 0 ${left + wide + 32} ${height}">`,
    `<title>${title}</title>`,
    `<style>text{font:12px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}.mid{text-anchor:middle}.bold{font-weight:bold}.line{stroke-dasharray:3 3}${styleOf("light")}@media(prefers-color-scheme:dark){${styleOf("dark")}}</style>`,
    `<rect class="paper" x="-16" width="${left + wide + 32}" height="${height}"/>`,
    `<text x="0" y="34" class="bold">${title}</text>`,
    `<text x="${x(actedAt)}" y="62" class="mid">${action}</text>`,
    `<path class="line" d="M${x(actedAt)}.5 67V${bottom}"/>`,
    ...ids.map((id) => `<text x="0" y="${rowOf(id) + lane + 4}">worker ${id}</text>`),
    ...bars.map(bar),
    `<text x="0" y="${bottom + 14}" class="dim">in all</text>`,
    ...readyCounts.map(readyCount),
    `<text x="0" y="${bottom + 38}" class="dim">ms</text>`,
    ...[0, 250, 500, 750, 1_000, 1_250]
      .filter((ms) => actedAt + ms <= to)
      .map((ms) => `<text x="${x(actedAt + ms)}" y="${bottom + 38}" class="mid dim">${ms}</text>`),
    "</svg>",
    "",
  ].join("\n")
}
