/** What was measured, as rows of a table and as a picture. */
import type { Figure } from "./figures.ts"

/** A figure with what was measured. */
export interface Measured {
  readonly name: string
  readonly unit: string
  readonly rounds: number
  readonly variants: readonly MeasuredVariant[]
  /** The ratio of the first variant to itself, from the same rounds. */
  readonly noise: number
}

/** One program: the median, and the ratio to the first one, with the middle half of the ratios. */
export interface MeasuredVariant {
  readonly name: string
  readonly median: number
  readonly ratio: number
  readonly from: number
  readonly to: number
}

/** @param values of each variant, one for each round; behind them those of the first one again. */
export function measuredOf(
  figure: Pick<Figure, "name" | "unit"> & {
    readonly variants: readonly { readonly name: string }[]
  },
  values: readonly (readonly number[])[],
): Measured {
  const [first = []] = values
  const again = values.at(-1) ?? []
  const ratiosOf = (given: readonly number[]): number[] =>
    given.map((value, round) => value / (((first[round] ?? 0) + (again[round] ?? 0)) / 2))
  return {
    name: figure.name,
    unit: figure.unit,
    rounds: first.length,
    variants: figure.variants.map(({ name }, index) => {
      const given = index === 0 ? [...first, ...again] : (values[index] ?? [])
      const ratios = index === 0 ? [1] : ratiosOf(given)
      return {
        name,
        median: quantile(given, 0.5),
        ratio: quantile(ratios, 0.5),
        from: quantile(ratios, 0.25),
        to: quantile(ratios, 0.75),
      }
    }),
    noise: quantile(
      again.map((value, round) => value / (first[round] ?? 0)),
      0.5,
    ),
  }
}

/** The rows of the table, for the page about it. */
export function rowsOf(
  { name, unit, variants, noise, rounds }: Measured,
  hasHead: boolean,
): string[] {
  const head = [
    "| figure | program | median | ratio | middle half | noise | rounds |",
    "| --- | --- | --- | --- | --- | --- | --- |",
  ]
  const rows = variants.map((one, index) => {
    const isFirst = index === 0
    const cells = [
      isFirst ? `${name}, ${unit}` : "",
      one.name,
      shown(one.median),
      isFirst ? "" : one.ratio.toFixed(2),
      isFirst ? "" : `${one.from.toFixed(2)} to ${one.to.toFixed(2)}`,
      isFirst ? noise.toFixed(2) : "",
      isFirst ? String(rounds) : "",
    ]
    return `| ${cells.join(" | ")} |`
  })
  return hasHead ? [...head, ...rows] : rows
}

const [barLeft, barWidth, rowHeight] = [430, 330, 22]

/** The ratios as bars: the line is the first program of each figure, and shorter is less of the unit. */
export function drawBars(all: readonly Measured[]): string {
  const most = Math.max(2, ...all.flatMap(({ variants }) => variants.map(({ ratio }) => ratio)))
  const xOf = (ratio: number): number => barLeft + (barWidth * ratio) / most
  const parts: string[] = []
  let y = 10
  for (const { name, variants } of all) {
    const top = y
    for (const [index, one] of variants.slice(1).entries()) {
      y += rowHeight
      if (index === 0) parts.push(`<text x="10" y="${y}">${escaped(name)}</text>`)
      const [from, to] = [barLeft, xOf(one.ratio)]
      parts.push(
        `<rect x="${from}" y="${y - 12}" width="${(to - from).toFixed(1)}" height="14" class="${one.ratio <= 1.05 ? "good" : "more"}"/>`,
        `<text x="${(to + 6).toFixed(1)}" y="${y}" class="dim">${one.ratio.toFixed(2)} · ${escaped(one.name)}</text>`,
      )
    }
    parts.push(`<path d="M${xOf(1).toFixed(1)} ${top + 6}V${y + 6}"/>`)
    y += 10
  }
  const [width, height] = [barLeft + barWidth + 260, y + 16]
  const style = `text{font:12px system-ui,sans-serif;fill:#1c2127}.dim{fill:#59636e}.good{fill:#2f9e5b}.more{fill:#c18d12}path{stroke:#1c2127;stroke-dasharray:3 2}.paper{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e4e8ec}.dim{fill:#95a0ab}path{stroke:#e4e8ec}.paper{fill:#14181d}}`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><style>${style}</style><rect class="paper" width="${width}" height="${height}"/>
${parts.join("\n")}
</svg>
`
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (sorted.length - 1) * part
  const [below = 0, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return below + (above - below) * (at - Math.floor(at))
}

function shown(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 1_000 ? value.toFixed(1) : value.toFixed(0)
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
}
