/**
 * Compares kamisama with a short respawn loop on raw node:cluster: `npm run bench -- 7 start` measures each figure with "start" in
 * its name in 7 rounds. In each round all programs take their turn, and ratios are made within a round, so that a machine
 * that others use, too, disturbs all alike. `--peers` compares it with what others have written,
 * too. `--json FILE`, `--svg FILE` and `--page FILE` write what was measured, the last one between two
 * comments of a page. It is not a test, because
 * machines are noisy.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { fileURLToPath } from "node:url"
import { type Figure, figures } from "./figures.ts"
import { drawBars, type Measured, measuredOf, rowsOf } from "./report.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "string" },
    svg: { type: "string" },
    page: { type: "string" },
    peers: { type: "boolean", default: false },
  },
})
const [given = "7", ...wanted] = positionals
const rounds = Number(given)
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  throw new RangeError(`bench: the number of rounds must be a positive integer, got ${given}`)
}

for (const name of values.peers ? ["app", "peers"] : ["app"]) {
  const folder = fileURLToPath(new URL(`${name}/`, import.meta.url))
  if (existsSync(`${folder}node_modules`)) continue
  execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", folder], { stdio: "inherit" })
}

/** Measures all variants in turn. The first one comes again at the end of each round: its ratio to itself is the noise. */
async function measure(figure: Figure): Promise<Measured> {
  const compared = [...figure.variants, ...(values.peers ? (figure.peers ?? []) : [])]
  const turns = [...compared, figure.variants[0]]
  for (const { measure } of compared) await measure()
  const measured: number[][] = turns.map(() => [])
  for (let round = 0; round < Math.min(rounds, figure.rounds); round += 1) {
    for (const [turn, { measure }] of turns.entries()) measured[turn]?.push(await measure())
  }
  return measuredOf({ ...figure, variants: compared }, measured)
}

function isWanted({ name }: Figure): boolean {
  return wanted.length === 0 || wanted.some((part) => name.includes(part))
}

const all: Measured[] = []
for (const figure of figures.filter(isWanted)) {
  const measured = await measure(figure)
  all.push(measured)
  for (const row of rowsOf(measured, all.length === 1)) console.log(row)
  if (values.json !== undefined) {
    const { node, v8 } = process.versions
    writeFileSync(values.json, `${JSON.stringify({ node, v8, rounds, figures: all }, null, 2)}\n`)
  }
  if (values.svg !== undefined) writeFileSync(values.svg, drawBars(all))
  if (values.page !== undefined) {
    const rows = all.flatMap((one, index) => rowsOf(one, index === 0))
    const page = readFileSync(values.page, "utf8")
    writeFileSync(
      values.page,
      page.replace(
        /(?<=<!-- measured -->\n)[^]*(?=<!-- end -->)/,
        () => `\n${rows.join("\n")}\n\n`,
      ),
    )
  }
}
