/**
 * Compares kamisama with a short respawn loop on raw node:cluster: `npm run bench -- 7 start` measures each figure with "start" in
 * its name in 7 rounds. In each round all programs take their turn, and ratios are made within a round, so that a machine
 * that others use, too, disturbs all alike. `--json FILE` and `--svg FILE` write what was measured. It is not a test, because
 * machines are noisy.
 */
import { execFileSync } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { fileURLToPath } from "node:url"
import { type Figure, figures } from "./figures.ts"
import { drawBars, type Measured, measuredOf, rowsOf } from "./report.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "string" }, svg: { type: "string" } },
})
const [given = "7", wanted = ""] = positionals
const rounds = Number(given)
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  throw new RangeError(`bench: the number of rounds must be a positive integer, got ${given}`)
}

const app = fileURLToPath(new URL("app/", import.meta.url))
if (!existsSync(`${app}node_modules`)) {
  execFileSync("npm", ["ci", "--ignore-scripts", "--prefix", app], { stdio: "inherit" })
}

/** Measures all variants in turn. The first one comes again at the end of each round: its ratio to itself is the noise. */
async function measure(figure: Figure): Promise<Measured> {
  const turns = [...figure.variants, figure.variants[0]]
  for (const { measure } of figure.variants) await measure()
  const values: number[][] = turns.map(() => [])
  for (let round = 0; round < Math.min(rounds, figure.rounds); round += 1) {
    for (const [turn, { measure }] of turns.entries()) values[turn]?.push(await measure())
  }
  return measuredOf(figure, values)
}

const all: Measured[] = []
for (const figure of figures.filter(({ name }) => name.includes(wanted))) {
  const measured = await measure(figure)
  all.push(measured)
  for (const row of rowsOf(measured, all.length === 1)) console.log(row)
  if (values.json !== undefined) {
    const { node, v8 } = process.versions
    writeFileSync(values.json, `${JSON.stringify({ node, v8, rounds, figures: all }, null, 2)}\n`)
  }
  if (values.svg !== undefined) writeFileSync(values.svg, drawBars(all))
}
